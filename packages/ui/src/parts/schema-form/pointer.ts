/** The JSON pointer (RFC 6901) of a member or an element of what `pointer` names. */
export function inside(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** Whether `pointer` names the place itself or something in it. */
export function isWithin(pointer: string, place: string): boolean {
  return pointer === place || pointer.startsWith(`${place}/`)
}
