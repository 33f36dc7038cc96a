/** Where everything is recorded. */
export type DatabaseLocation =
  /** A file by its absolute path, or `:memory:`. */
  { readonly type: 'sqlite'; readonly path: string } | { readonly type: 'postgres'; readonly url: string }

/** As it may be shown: without the password that an address may hold. */
export function describeLocation(location: DatabaseLocation): string {
  if (location.type === 'sqlite') return location.path
  // Not by reading the address: one that cannot be read may hold a password all the same.
  const [, scheme, place] = /^([a-z]+:\/\/)(?:.*@)?([^@?]*)(?:\?.*)?$/is.exec(location.url) ?? []
  return scheme === undefined || place === undefined ? 'postgres://…' : `${scheme}${place}`
}
