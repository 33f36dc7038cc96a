import { expect, test } from 'vitest'
import { ClassRegistry } from './class-registry.ts'

class Point {
  readonly x: number
  constructor(x: number) {
    this.x = x
  }
}

const codec = { toData: (point: Point) => point.x, fromData: (x: number) => new Point(x) }

test('an instance of a registered class becomes data and comes back', () => {
  const classes = new ClassRegistry()
  classes.register(Point, codec)

  expect(classes.dataOf(new Point(3))).toEqual({ name: 'Point', data: 3 })
  expect(classes.revive('Point', 3)).toEqual(new Point(3))
})

test('a name of its own outlives a renamed class', () => {
  const classes = new ClassRegistry()
  classes.register(Point, { ...codec, name: 'geo.Point' })

  expect(classes.dataOf(new Point(3))?.name).toBe('geo.Point')
})

test('instances of subclasses and of other classes are not taken for it', () => {
  const classes = new ClassRegistry()
  classes.register(Point, codec)
  class Place extends Point {}

  expect(classes.dataOf(new Place(1))).toBeUndefined()
  expect(classes.dataOf({ x: 1 })).toBeUndefined()
})

test('two classes cannot share a name', () => {
  const classes = new ClassRegistry()
  classes.register(Point, codec)
  const other = { Point: class Point {} }.Point

  expect(() => classes.register(other, { toData: () => 1, fromData: () => new other() })).toThrow(
    expect.objectContaining({ code: 'CLASS_NAME_TAKEN' }),
  )
})

test('a class nobody registered is named', () => {
  expect(() => new ClassRegistry().revive('Point', 1)).toThrow(
    expect.objectContaining({ code: 'CLASS_UNKNOWN', message: expect.stringContaining('Point') }),
  )
})
