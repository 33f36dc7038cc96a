import { TuttiError } from '../core/errors.ts'

/** Which list a cursor belongs to: a place in one list means nothing in another. */
export type CursorKind = 'flow-runs' | 'task-runs' | 'logs' | 'flows'

/** The place after which a page continues, as text people pass on but do not read. */
export function encodeCursor(kind: CursorKind, place: string): string {
  return Buffer.from(`${kind} ${place}`).toString('base64url')
}

export function decodeCursor(kind: CursorKind, cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  const place = text.slice(kind.length + 1)
  // What is not our own spelling, be it damaged or made up, is not read as a place in some list.
  if (place === '' || encodeCursor(kind, place) !== cursor)
    throw new TuttiError('INVALID_CURSOR', `${cursor === '' ? 'the empty text' : cursor} is not a cursor of an earlier page of this list`)
  return place
}
