import { dispatch } from './dispatch.ts'
import { processWorld } from './world.ts'

/** Runs the command in this process, and ends the process with its exit code. */
export async function start(args: readonly string[]): Promise<void> {
  const code = await dispatch(processWorld(), args)
  process.exitCode = code
  // What a flow left open (a connection, a timer) must not keep the command from ending; what is printed must be out.
  process.stderr.write('', () => process.stdout.write('', () => process.exit(code)))
}
