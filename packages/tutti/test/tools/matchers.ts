import { expect } from 'vitest'
import { matchers } from '../../src/testing/index.ts'
import type { TuttiMatchers } from '../../src/testing/index.ts'

// The lines a user writes once, in the setup file of the tests.
declare module 'vitest' {
  // The two parameters are Vitest's own; declarations of one interface must agree on them.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends TuttiMatchers<R> {}
}

expect.extend(matchers)
