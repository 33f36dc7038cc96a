import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { parseAddress, writeAddress } from './address.ts'
import type { AddressValues } from './address.ts'
import { aheadOf } from './ahead.ts'
import type { Arrival, AskAhead } from './ahead.ts'
import { root as base } from './connection.ts'
import { Empty } from './parts/empty.tsx'
import { Loading, RouteFailure } from './parts/failure.tsx'
import { Shell } from './parts/shell.tsx'
import { MapPinOff } from 'lucide-react'
import type { ReactElement } from 'react'

const root = createRootRouteWithContext<{ readonly queryClient: QueryClient }>()({
  component: Shell,
  validateSearch: (search): AddressValues => search as AddressValues, // read by `parseAddress`
})

type PageModule<Name extends string> = Readonly<Record<Name, () => ReactElement>> & { readonly askAhead?: AskAhead }

/** The route says it, when it wants the component. */
const NOT_LOADED = (): void => undefined

/** Which component of which module stands at a path. */
function page<const Path extends string, Name extends string>(path: Path, name: Name, load: () => Promise<PageModule<Name>>) {
  return createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(load, name),
    loader: ({ context, cause, preload, location, params }) => {
      const ahead = aheadOf(context.queryClient, { search: location.search as AddressValues, params }) // read by `parseAddress`
      // Whoever only points at a link asks for its scripts, and for nothing of the server.
      if (cause === 'enter' && !preload) void load().then(({ askAhead }) => askAhead?.(ahead), NOT_LOADED)
      return { now: ahead.now } satisfies Arrival
    },
  })
}

/** Every address. A page is fetched when somebody goes there. */
const routes = [
  page('/', 'HomePage', () => import('./pages/home.tsx')),
  page('/runs', 'RunsPage', () => import('./pages/runs/list.tsx')),
  page('/runs/$id', 'RunPage', () => import('./pages/runs/run.tsx')),
  page('/flows', 'FlowsPage', () => import('./pages/flows/list.tsx')),
  page('/flows/$id', 'FlowPage', () => import('./pages/flows/flow.tsx')),
  page('/deployments', 'DeploymentsPage', () => import('./pages/deployments/list.tsx')),
  page('/deployments/$id', 'DeploymentPage', () => import('./pages/deployments/deployment.tsx')),
  page('/work-pools', 'WorkPoolsPage', () => import('./pages/work-pools/list.tsx')),
  page('/work-pools/$name', 'WorkPoolPage', () => import('./pages/work-pools/work-pool.tsx')),
  page('/concurrency', 'ConcurrencyPage', () => import('./pages/concurrency.tsx')),
  page('/logs', 'LogsPage', () => import('./pages/logs.tsx')),
  page('/events', 'EventsPage', () => import('./pages/events.tsx')),
  page('/artifacts', 'ArtifactsPage', () => import('./pages/artifacts/list.tsx')),
  page('/artifacts/$id', 'ArtifactPage', () => import('./pages/artifacts/artifact.tsx')),
  page('/blocks', 'BlocksPage', () => import('./pages/blocks/list.tsx')),
  page('/blocks/new/$slug', 'NewBlockPage', () => import('./pages/blocks/edit.tsx')),
  page('/blocks/$id', 'BlockPage', () => import('./pages/blocks/block.tsx')),
  page('/blocks/$id/edit', 'EditBlockPage', () => import('./pages/blocks/edit.tsx')),
  page('/variables', 'VariablesPage', () => import('./pages/variables.tsx')),
  page('/settings', 'SettingsPage', () => import('./pages/settings.tsx')),
  // Addresses that the protocol's own client prints.
  ...Object.entries({
    '/runs/flow-run/$id': '/runs/$id',
    '/flow-runs/flow-run/$id': '/runs/$id',
    '/flows/flow/$id': '/flows/$id',
    '/deployments/deployment/$id': '/deployments/$id',
    '/artifacts/artifact/$id': '/artifacts/$id',
    '/blocks/block/$id': '/blocks/$id',
    '/blocks/catalog/$slug/create': '/blocks/new/$slug',
    '/work-pools/work-pool/$name': '/work-pools/$name',
    '/concurrency-limits': '/concurrency',
  }).map(([path, to]) =>
    createRoute({
      getParentRoute: () => root,
      path,
      beforeLoad: ({ params }) => {
        redirect({ to, params, replace: true, throw: true })
      },
    }),
  ),
]

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: root.addChildren(routes),
    basepath: base.pathname,
    parseSearch: (text) => parseAddress(text),
    stringifySearch: (search) => writeAddress(search),
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPendingComponent: Loading,
    defaultErrorComponent: RouteFailure,
    defaultNotFoundComponent: () => (
      <Empty icon={MapPinOff} title="There is no such page">
        The address may be of an older version. Everything can be found with Ctrl K.
      </Empty>
    ),
    scrollRestoration: true,
  })
}
