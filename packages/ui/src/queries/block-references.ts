export interface ReferredBlock {
  readonly id: string
  readonly name: string
  readonly typeName: string
}

/** What stands in a member of a block. */
export function referredBlock(reference: unknown): ReferredBlock | undefined {
  const { block_document: found } = (reference ?? {}) as {
    readonly block_document?: { readonly id: string; readonly name: string; readonly block_type: { readonly name: string } }
  } // as the protocol tells it
  return found === undefined ? undefined : { id: found.id, name: found.name, typeName: found.block_type.name }
}
