import type { Endpoint } from '../api/endpoint.ts'
import type { Handler } from './route.ts'

/** Puts an endpoint and its handler into the app. */
export type Mount = <E extends Endpoint>(endpoint: E, handler: Handler<E>) => void
