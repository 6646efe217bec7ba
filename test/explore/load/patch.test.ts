/** A folder of patches as edits. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { editsIn, readEdits } from '../../../src/explore/load/patch.ts'

const PATCH = `diff --git a/src/a.js b/src/a.js
index 1..2 100644
--- a/src/a.js
+++ b/src/a.js
@@ -1,3 +1,3 @@ function a() {
 one
--- two
+++ three
 four
@@ -9,2 +9,3 @@

 nine
+ten
--- a/b.js
+++ b/b.js
@@ -1 +1 @@
-old
+new
`

it('makes each hunk a replacement of all its lines, whatever they look like', () => {
  expect(editsIn(PATCH, 'x.patch')).toEqual([
    { file: 'src/a.js', from: 'one\n-- two\nfour\n', to: 'one\n++ three\nfour\n' },
    { file: 'src/a.js', from: '\nnine\n', to: '\nnine\nten\n' },
    { file: 'b.js', from: 'old\n', to: 'new\n' },
  ])
})

it.each([
  ['a hunk of no file', '@@ -1 +1 @@\n-a\n+b\n', 'x.patch:1: got "@@ -1 +1 @@", expected a hunk of a file'],
  ['a hunk that is cut off', '+++ b/a.js\n@@ -1,3 +1,3 @@\n a\n', 'x.patch: got a hunk that is cut off'],
  ['a strange line', '+++ b/a.js\n@@ -1,2 +1,2 @@\n a\n*b\n', 'x.patch:4: got "*b", expected a line of the hunk'],
  ['nothing around it', '+++ b/a.js\n@@ -3,0 +4 @@\n+a\n', 'x.patch:2: got a hunk with nothing around it'],
  ['a file that goes', '+++ /dev/null\n@@ -1 +0,0 @@\n-a\n', 'x.patch:2: got a file that is deleted'],
])('refuses %s by line', (_, patch, message) => {
  expect(() => editsIn(patch, 'x.patch')).toThrow(message)
})

it('reads all patches of a folder by name, and refuses one without any', () => {
  const folder = mkdtempSync(join(tmpdir(), 'patches-'))
  try {
    writeFileSync(join(folder, 'README.md'), 'no patch')
    expect(() => readEdits(folder)).toThrow(`got ${folder}, expected a folder with a patch`)
    writeFileSync(join(folder, '2.diff'), '+++ b/b\n@@ -1 +1 @@\n-a\n+b\n')
    writeFileSync(join(folder, '1.patch'), '+++ b/a\n@@ -1 +1 @@\n-a\n+b\n')
    expect(readEdits(folder).map(({ file }) => file)).toEqual(['a', 'b'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
