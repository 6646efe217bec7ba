// The arrows between the rooms. A room may import only what stands below it; see CONTRIBUTING.md.

/** Which rooms each room may import, itself aside. */
const mayImport = {
  'src/sync': [],
  'src/shared': ['src/sync'],
  'src/workers': ['src/sync', 'src/shared'],
  'src/explore': [],
  props: ['src/sync', 'src/shared', 'src/workers', 'src/explore'],
  museum: ['props/scenarios', 'src/explore'],
  bench: ['src', 'props/scenarios'],
}

const rooms = [
  'src/sync',
  'src/shared',
  'src/workers',
  'src/explore',
  'src/cli',
  'props',
  'museum',
  'conformance',
  'bench',
  'web',
]

module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    { name: 'no-orphan-file', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...Object.entries(mayImport).map(([room, allowed]) => ({
      name: `${room}-stays-in-its-room`,
      severity: 'error',
      from: { path: `^${room}/` },
      to: { path: `^(${rooms.join('|')}|test)/`, pathNot: `^(${[room, ...allowed].join('|')})/` },
    })),
    {
      name: 'model-and-scenarios-are-free-of-fast-check',
      severity: 'error',
      from: { path: '^props/(model|scenarios)' },
      to: { path: 'fast-check' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
