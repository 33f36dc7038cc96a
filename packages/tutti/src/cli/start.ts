import { dispatch } from './dispatch.ts'
import { processWorld } from './world.ts'

/** Runs the command in this process, and ends the process with its exit code. */
export async function start(args: readonly string[]): Promise<void> {
  // `tutti flow-run ls | head -1`: who reads our output may stop at any time; that is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(process.exitCode ?? 0)
  })
  const code = await dispatch(processWorld(), args)
  process.exitCode = code
  // What a flow left open (a connection, a timer) must not keep the command from ending; what is printed must be out.
  process.stderr.write('', () => process.stdout.write('', () => process.exit(code)))
}
