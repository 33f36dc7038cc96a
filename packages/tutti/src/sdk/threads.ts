export { inThread, isThreadBody, runThreadBody } from '../engine/threads/body.ts'
