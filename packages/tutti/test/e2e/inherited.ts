/** All that a process of a test has of this one's environment: where programs are, and what they have been compiled to. */
export const INHERITED: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  ...(process.env['NODE_COMPILE_CACHE'] === undefined ? undefined : { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }),
}
