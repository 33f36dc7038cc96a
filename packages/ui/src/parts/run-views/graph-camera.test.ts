import { expect, test } from 'vitest'
import { parseCamera, writeCamera } from './graph-camera.ts'

const SIZE = { width: 800, height: 600 }

test('what is written is read as the same place', () => {
  const camera = { scale: 0.75, x: -320, y: 150 }
  const read = parseCamera(writeCamera(camera, SIZE), SIZE)

  expect(read?.scale).toBe(0.75)
  expect(read?.x).toBeCloseTo(-320, 0)
  expect(read?.y).toBeCloseTo(150, 0)
})

test('in a window of another size the same is in the middle', () => {
  const wide = { width: 1600, height: 400 }
  const camera = parseCamera(writeCamera({ scale: 1, x: 0, y: 0 }, SIZE), wide)

  expect([(wide.width / 2 - camera!.x) / camera!.scale, (wide.height / 2 - camera!.y) / camera!.scale]).toEqual([400, 300])
})

test.each([undefined, '', '1_2', 'a_b_c', '0_1_1', '-1_1_1', '99_1_1', '1_NaN_1'])('%s is no place', (text) => {
  expect(parseCamera(text, SIZE)).toBeUndefined()
})
