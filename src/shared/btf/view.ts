/**
 * Values in place: objects whose accessors read and write shared memory.
 *
 * Three facts about V8 give them their form.
 * Accessors on the object itself would turn the second such object into a dictionary, 60 times slower; so they stand on
 * a prototype. A place that sees more than four prototypes goes slow too; so there is one per type and memory, however
 * many views are made. And the accessors of all structs come from the same few function literals and share their type
 * feedback; so an accessor looks at `this` once, at a `Window`, of which there is one hidden class for all, and has
 * the rest in its closure, where the compiler takes it for a constant.
 */

import { type Check, checkedLane, type Lane, laneOf, type Scalar } from './lane.ts'
import type { AnyArray, AnyStruct, CharArrayType, ElementType, IntType, View } from './type.ts'

/** A place in memory that can be moved. */
interface Window {
  /** Counted in the unit of the place that it belongs to. */
  base: number
}

/** What an object of a view owns. `$` is in no C identifier, so no field can be called that. */
interface Access {
  $window: Window
}

/** Makes the object through which a window shows a value. */
type Build = (window: Window) => object

/** Where something is: `offset` bytes behind a window that counts in `unit` bytes, in which memory. */
interface Place {
  readonly words: Int32Array
  readonly check: Check | undefined
  readonly unit: number
  readonly offset: number
}

/** What makes views of this type on this memory. To be kept: it holds the prototypes. */
export function viewBuilder(type: ElementType, words: Int32Array, check: Check | undefined): () => View<unknown> {
  const build = builderOf(type, { words, check, unit: 4, offset: 0 })
  return () => {
    const window: Window = { base: 0 }
    return new MovableView(window, build(window))
  }
}

class MovableView implements View<unknown> {
  readonly $window: Window
  readonly $access: object

  constructor(window: Window, access: object) {
    this.$window = window
    this.$access = access
  }

  at(pointer: number): unknown {
    this.$window.base = pointer
    return this.$access
  }
}

function builderOf(type: ElementType, place: Place): Build {
  if (type.kind === 'struct') return structBuilder(type, place)
  if (type.kind === 'array') return arrayBuilder(type, place)
  const prototype = Object.defineProperty({}, 'value', scalarProperty(type, place))
  return (window) => Object.assign(Object.create(prototype), { $window: window })
}

function structBuilder(type: AnyStruct, outer: Place): Build {
  const prototype = {}
  const parts: [name: string, build: Build][] = []
  for (const [name, field] of Object.entries(type.fields)) {
    const place = { ...outer, offset: outer.offset + type.offsets[name] }
    if (field.kind === 'int' || field.kind === 'char-array') {
      Object.defineProperty(prototype, name, scalarProperty(field, place))
    } else if (field.kind === 'spin-lock') {
      Object.defineProperty(prototype, name, lockProperty(place))
    } else {
      // A nested struct stands at a fixed distance from its parent and looks through the same window.
      parts.push([name, builderOf(field, place)])
    }
  }
  return (window) => {
    const access = Object.create(prototype)
    access.$window = window
    for (const [name, build] of parts) Object.defineProperty(access, name, { value: build(window), enumerable: true })
    return access
  }
}

/** A lane for the fields of this type at this place. */
function laneAt(type: IntType | CharArrayType, { words, check }: Place): Lane<Scalar> {
  const lane = laneOf(type, words)
  return check === undefined ? lane : checkedLane(lane, type.size, check)
}

function scalarProperty(type: IntType | CharArrayType, place: Place): PropertyDescriptor {
  const { unit, offset } = place
  const { load, store, grain } = laneAt(type, place)
  const scale = unit / grain
  const first = offset / grain
  return {
    get(this: Access) {
      return load(this.$window.base * scale + first)
    },
    set(this: Access, value: Scalar) {
      store(this.$window.base * scale + first, value)
    },
    enumerable: true,
  }
}

/** The address of the lock, which is in the struct of the value itself: the window counts in words. */
function lockProperty({ offset }: Place): PropertyDescriptor {
  const word = offset / 4
  return {
    get(this: Access) {
      return this.$window.base + word
    },
    enumerable: true,
  }
}

function arrayBuilder(type: AnyArray, place: Place): Build {
  const { element } = type
  if (element.kind === 'int' || element.kind === 'char-array') return scalarArrayBuilder(type, element, place)
  const { unit, offset } = place
  const { length, name } = type
  // An element is aligned to at least its unit, so that its window stays at a whole number.
  const ownUnit = Math.min(element.align, 4)
  const buildElement = builderOf(element, { ...place, unit: ownUnit, offset: 0 })
  const scale = unit / ownUnit
  const first = offset / ownUnit
  const stride = element.size / ownUnit
  const prototype = {
    length,
    at(this: Access & { $element: Access }, index: number) {
      if (index >>> 0 !== index || index >= length) throw outside(index, name)
      const access = this.$element
      access.$window.base = this.$window.base * scale + first + index * stride
      return access
    },
  }
  return (window) => {
    const $element = buildElement({ base: 0 })
    return Object.assign(Object.create(prototype), { $window: window, $element })
  }
}

function scalarArrayBuilder(type: AnyArray, element: IntType | CharArrayType, place: Place): Build {
  const { unit, offset } = place
  const { length, name } = type
  const { load, store, grain } = laneAt(element, place)
  const scale = unit / grain
  const first = offset / grain
  const stride = element.size / grain
  const prototype = {
    length,
    at(this: Access, index: number) {
      if (index >>> 0 !== index || index >= length) throw outside(index, name)
      return load(this.$window.base * scale + first + index * stride)
    },
    set(this: Access, index: number, value: Scalar) {
      if (index >>> 0 !== index || index >= length) throw outside(index, name)
      store(this.$window.base * scale + first + index * stride, value)
    },
  }
  return (window) => Object.assign(Object.create(prototype), { $window: window })
}

function outside(index: number, name: string): RangeError {
  return new RangeError(`index ${index} is outside ${name}`)
}
