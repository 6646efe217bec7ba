// The arrows between the rooms. A room may import only what stands below it; see CONTRIBUTING.md.
//
// Types count too: `import type` is an arrow like any other, since it is knowledge of the other room.

/** The rooms that the model and the scenarios may be used from: both are free of fast-check. */
const PLAIN_PROPS = 'props/(model|scenarios)'
/** The library without its commands. */
const LIBRARY = 'src/(index[.]ts|random/|words/|sync/|shared/|bpf/|bpf-scenarios/|workers/|explore/)'

/** What each room may import, itself and packages aside. Paths are the beginnings of regular expressions. */
const MAY_IMPORT = {
  'src/random': [],
  'src/words': [],
  'src/sync': [],
  'src/shared': ['src/sync/'],
  'src/bpf': ['src/sync/', 'src/shared/'],
  'src/workers': ['src/random/', 'src/sync/', 'src/shared/', 'src/bpf/'],
  'src/explore': ['src/random/', 'src/words/'],
  'src/bpf-scenarios': ['src/sync/', 'src/shared/', 'src/bpf/', 'src/explore/'],
  'src/command': ['src/words/'],
  'src/measure': ['src/command/'],
  'src/index[.]ts': ['src/sync/', 'src/shared/', 'src/bpf/', 'src/workers/', 'src/explore/'],
  props: ['src/random/', 'src/sync/', 'src/shared/', 'src/bpf/', 'src/workers/', 'src/explore/', 'src/command/'],
  museum: [PLAIN_PROPS, 'src/explore/'],
  lessons: ['src/explore/', 'museum/'],
  conformance: [LIBRARY, 'src/command/', 'props/'],
  bench: [LIBRARY, 'src/command/', 'src/measure/', PLAIN_PROPS],
  web: [LIBRARY, PLAIN_PROPS, 'museum/', 'lessons/'],
  mutation: ['src/explore/', 'props/scenarios'],
  'src/cli': [LIBRARY, 'src/command/', 'props/', 'museum/', 'conformance/', 'bench/', 'lessons/'],
}

/**
 * The same inside the explorer. `scenario.ts` is what goes in and `result.ts` what comes back: types alone, which
 * anybody may name.
 */
const TYPES = ['scenario[.]ts', 'result[.]ts']
const EXPLORER_ROOMS = {
  runtime: [],
  transform: ['runtime/'],
  twins: ['runtime/'],
  agents: ['twins/', 'runtime/'],
  load: ['transform/', 'agents/', 'twins/', 'runtime/'],
  engine: ['runtime/'],
  detectors: ['engine/', 'runtime/', 'result[.]ts'],
  search: ['engine/', 'runtime/'],
  schedule: ['runtime/'],
  litmus: [],
  program: ['detectors/', 'engine/', 'schedule/', 'runtime/', ...TYPES],
  audit: ['program/', 'engine/', 'runtime/'],
  cover: ['engine/', 'runtime/', ...TYPES],
  memory: ['program/', 'search/', 'engine/', 'schedule/', 'runtime/', ...TYPES],
  failure: ['audit/', 'memory/', 'program/', 'search/', 'detectors/', 'engine/', 'schedule/', 'runtime/', ...TYPES],
  report: ['schedule/', ...TYPES],
  jobs: [
    '(conclusion|exploration|outcomes|under-way)[.]ts',
    ...['load/', 'failure/', 'program/', 'search/', 'engine/', 'schedule/', 'runtime/'],
    ...TYPES,
  ],
}

/** The files of the explorer that others may import: what is published, and what only this project may use. */
const EXPLORER_FACE = 'index|schedule-arbitrary|load/(vite|register)|internals|internals-load'

/** Everything that is ours. Only tests may import tests, and only they may look at what was built. */
const OURS = '^(src|props|museum|lessons|conformance|bench|web|mutation|test|examples|dist)/'

module.exports = {
  forbidden: [
    ...Object.entries(MAY_IMPORT).map(([room, allowed]) => ({
      name: `${room.replace('[.]', '.')}-imports-only-what-stands-below-it`,
      severity: 'error',
      from: { path: `^${room}(/|$)` },
      to: { path: OURS, pathNot: `^(${[`${room}(/|$)`, ...allowed].join('|')})` },
    })),
    ...Object.entries(EXPLORER_ROOMS).map(([room, allowed]) => ({
      name: `explorer-${room}-imports-only-what-stands-below-it`,
      severity: 'error',
      from: { path: `^src/explore/${room}/` },
      to: { path: '^src/explore/', pathNot: `^src/explore/(${[`${room}/`, ...allowed].join('|')})` },
    })),
    {
      name: 'every-file-of-the-explorer-stands-in-a-room',
      comment: 'At the top of src/explore stand the types of what goes in and comes back, and the face.',
      severity: 'error',
      from: {
        path: '^src/explore/',
        pathNot: `^src/explore/(${Object.keys(EXPLORER_ROOMS).join('|')}|(scenario|result|index|internals|internals-load|repeat|explore|beforehand|expectations|exploration|under-way|conclusion|outcomes|saved|estimate|moment|weak-moment|stepping|stepper|orders|litmus|schedule-arbitrary)[.]ts$)`,
      },
      to: {},
    },
    {
      name: 'outsiders-see-the-face-of-the-explorer',
      comment: 'Its index, its adapters, and what internals.ts gives to our own page and commands.',
      severity: 'error',
      from: { path: OURS, pathNot: '^(src/explore|test|dist)/' },
      to: { path: '^src/explore/', pathNot: `^src/explore/(${EXPLORER_FACE})[.]ts$` },
    },
    {
      name: 'page-takes-the-explorer-from-internals',
      comment: 'The index loads files, so it needs Node; internals.ts does not, which the next rule holds.',
      severity: 'error',
      from: { path: '^(web|lessons)/', pathNot: '^web/plugin/' },
      to: { path: '^src/explore/', pathNot: '^src/explore/internals[.]ts$' },
    },
    {
      name: 'internals-need-nothing-of-node',
      comment: 'Nor packages: whatever is reached from there is ours.',
      severity: 'error',
      from: { path: '^src/explore/internals[.]ts$' },
      to: { pathNot: '^src/', reachable: true },
    },
    {
      name: 'every-file-stands-in-a-room',
      comment: 'A file directly under src other than index.ts, or in a folder that this file does not know.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot:
          '^src/(index[.]ts$|random/|words/|sync/|shared/|bpf/|bpf-scenarios/|workers/|explore/|command/|measure/|cli/)',
      },
      to: {},
    },
    {
      name: 'of-props-only-the-hunt-is-a-command',
      comment: 'The rest of the room is a library, which reads no command line.',
      severity: 'error',
      from: { path: '^props/', pathNot: '^props/hunt/' },
      to: { path: '^src/command/' },
    },
    {
      name: 'ground-floor-needs-nothing-but-the-language',
      comment: 'It runs in workers, in the explorer and in a page: no packages, nothing of Node.',
      severity: 'error',
      from: { path: '^src/(random|words|sync|shared|bpf)/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg', 'npm-unknown', 'core'] },
    },
    {
      name: 'library-imports-no-development-dependency',
      comment: 'fast-check is an optional peer, which is installed here for development.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        // An optional peer is installed for development too.
        dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional'],
      },
    },
    {
      name: 'model-and-scenarios-are-free-of-fast-check',
      comment: 'Page, museum and command use them, where fast-check is not installed.',
      severity: 'error',
      from: { path: `^${PLAIN_PROPS}` },
      to: { path: 'fast-check', reachable: true },
    },
    {
      name: 'no-circle',
      comment: 'Nor one of types.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'every-import-resolves',
      comment:
        'What was built may not be there yet; the tests and examples that import it find out. Packages that are ' +
        'explored as published are installed beside their scenarios, or not at all.',
      severity: 'error',
      from: { pathNot: '^test/explore/published/(scenarios|programs|repaired|real)/' },
      to: { couldNotResolve: true, pathNot: '^data:|/dist/|^(sk-storage|every-order)(/|$)|^virtual:' },
    },
  ],
  options: {
    // Peers of the benchmarks, where they are installed; copies of everything, while Stryker runs.
    exclude: {
      path: '^(bench/peers/node_modules|test/explore/(load/much-used|published)/node_modules|[.]stryker-tmp)/',
    },
    doNotFollow: { path: '^(node_modules|dist)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // See imports of types as well.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
