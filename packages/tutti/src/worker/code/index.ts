export { prepareCode } from './prepare-code.ts'
export type { CodeDependencies, CodeLimits, PreparedCode } from './prepare-code.ts'
export { inCode } from './code-problem.ts'
