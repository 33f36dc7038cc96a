/**
 * Where a flow's large results are kept, instead of beside the database: any machine that resumes the run must reach it. They are deleted with
 * their run by `delete` of their flow only: a server, which deletes runs that are past keeping, has no code that could do it. Whoever keeps
 * them says for how long.
 */
export interface ResultStorage {
  /**
   * Keeps bytes under a name and resolves, once they are durable, with the address that any machine reads them by. The same name may be
   * written again, with the same bytes or with those of a later attempt.
   */
  write(name: string, bytes: Uint8Array): Promise<string>
  /** The bytes of an address that `write` gave, in this process or in another one. */
  read(address: string): Promise<Uint8Array>
  /** Deletes what is at an address; that it is gone already is no error. Without it, nothing is deleted. */
  delete?(address: string): Promise<void>
}

/** What is kept in the place of bytes that are elsewhere. */
export interface ResultPointer {
  readonly address: string
  readonly sizeBytes: number
  /** SHA-256 in hex. */
  readonly hash: string
}

/** Results begin with their format in a line of its own. */
const POINTER = 'elsewhere\n'

export function pointerText(pointer: ResultPointer): string {
  return `${POINTER}${JSON.stringify(pointer)}`
}

/** The pointer in a stored result; `undefined` when it is the result itself. */
export function readPointer(text: string): ResultPointer | undefined {
  if (!text.startsWith(POINTER)) return undefined
  const { address, sizeBytes, hash } = JSON.parse(text.slice(POINTER.length)) as ResultPointer // written by `pointerText`
  return { address, sizeBytes, hash }
}
