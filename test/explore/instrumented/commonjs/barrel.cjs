// A barrel as TypeScript compiles it to CommonJS; Node reads its names off in this very form.
Object.defineProperty(exports, '__esModule', { value: true })
var inner_1 = require('./inner.cjs')
Object.defineProperty(exports, 'bump', {
  enumerable: true,
  // biome-ignore lint/complexity/useArrowFunction: as TypeScript writes it
  get: function () {
    return inner_1.bump
  },
})
exports.here = __filename
exports.inner = inner_1
