export { SchemaForm } from './schema-form.tsx'
export { startWith } from './starts.ts'
export { validateAgainst } from './validate.ts'
export type { FieldErrors } from './validate.ts'
