/** Keeps texts so that nobody reads them in the database without the key. */
export interface SecretBox {
  seal(text: string): string
  /** Throws `SECRETS_LOCKED` when the text was sealed with another key. */
  open(sealed: string): string
}
