import { TuttiError } from '../core/errors.ts'

/** The place after which a page continues, as text people pass on but do not read. */
export function encodeCursor(place: string): string {
  return Buffer.from(place).toString('base64url')
}

export function decodeCursor(cursor: string): string {
  const place = Buffer.from(cursor, 'base64url').toString()
  if (place === '' || encodeCursor(place) !== cursor) throw new TuttiError('INVALID_CURSOR', `${cursor} is not a cursor of an earlier page`)
  return place
}
