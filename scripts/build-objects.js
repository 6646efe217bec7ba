/**
 * Compiles the BPF programs of test/bpf/objects, test/bpf/kinds, bench/objects and web/scenarios, beside their
 * sources: `node scripts/build-objects.js`. With --check it only says which objects are not those of their sources;
 * another clang makes other objects, so that is asked of the version that made them.
 */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDERS = ['test/bpf/objects', 'test/bpf/kinds', 'bench/objects', 'web/scenarios'].map((folder) =>
  fileURLToPath(new URL(`../${folder}/`, import.meta.url)),
)
const VERSION = 'clang version 14.0.6'
// On Debian the headers of the kernel for this machine stand apart.
const ASM = `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`
// Lines are told by the file's name alone, wherever it is compiled.
const FLAGS = ['-g', '-O2', '-Wall', '-target', 'bpfel', '-mcpu=v3', '-fdebug-compilation-dir=.', '-I', ASM, '-c']

/** What clang calls itself, or undefined without one. */
function compiler() {
  try {
    return execFileSync('clang', ['--version'], { encoding: 'utf8' }).split('\n')[0]
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Compiles one source of `folder` to `output`, without what only a debugger reads. */
function compile(folder, source, output) {
  execFileSync('clang', [...FLAGS, source, '-o', output], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
  execFileSync('llvm-strip', ['-g', output], { stdio: ['ignore', 'inherit', 'inherit'] })
}

const check = process.argv.includes('--check')
const found = compiler()
const sources = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.bpf.c'))
    .map((source) => ({ folder, source })),
)
if (found === undefined) {
  console.error('clang is missing: apt-get install -y clang llvm libbpf-dev')
  process.exitCode = 2
} else if (check && !found.includes(VERSION)) {
  console.error(`got ${found}, expected ${VERSION}, which made the objects`)
  process.exitCode = 2
} else {
  const beside = check ? mkdtempSync(join(tmpdir(), 'objects-')) : undefined
  for (const { folder, source } of sources) {
    const name = source.replace(/c$/, 'o')
    compile(folder, source, join(beside ?? folder, name))
    if (check && !readFileSync(join(beside, name)).equals(readFileSync(join(folder, name)))) {
      console.error(`${name} is not what ${source} compiles to: node scripts/build-objects.js makes it again`)
      process.exitCode = 1
    }
  }
  if (check) rmSync(beside, { recursive: true })
}
