/** Keeps texts so that nobody reads them in the database without the key. */
export interface SecretBox {
  seal(text: string): string
  /** Throws `SECRETS_LOCKED` when the text was sealed with a key that is not there. */
  open(sealed: string): string
}

const VERSION = 'v1'

/** What a text begins with that was sealed with a key. */
export function sealPrefix(keyName: string): string {
  return `${VERSION}:${keyName}`
}

/** With which key a text was sealed, and what of it is sealed; no key for a text of another making. */
export function sealedParts(sealed: string): { readonly keyName: string | undefined; readonly text: string } {
  const [version, keyName, text = ''] = sealed.split(':')
  return { keyName: version === VERSION ? keyName : undefined, text }
}
