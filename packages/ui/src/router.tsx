import type { QueryClient } from '@tanstack/react-query'
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { parseAddress, writeAddress } from './address.ts'
import type { AddressValues } from './address.ts'
import { root as base } from './connection.ts'
import { Empty } from './parts/empty.tsx'
import { Loading, RouteFailure } from './parts/failure.tsx'
import { Shell } from './parts/shell.tsx'
import { MapPinOff } from 'lucide-react'

const root = createRootRoute({ component: Shell, validateSearch: (search): AddressValues => search as AddressValues }) // read by `parseAddress`

/** Every address. A page is fetched when somebody goes there. */
const routes = [
  createRoute({ getParentRoute: () => root, path: '/', component: lazyRouteComponent(() => import('./pages/home.tsx'), 'HomePage') }),
  createRoute({
    getParentRoute: () => root,
    path: '/runs',
    component: lazyRouteComponent(() => import('./pages/runs/list.tsx'), 'RunsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/runs/$id',
    component: lazyRouteComponent(() => import('./pages/runs/run.tsx'), 'RunPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/flows',
    component: lazyRouteComponent(() => import('./pages/flows/list.tsx'), 'FlowsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/flows/$id',
    component: lazyRouteComponent(() => import('./pages/flows/flow.tsx'), 'FlowPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/deployments',
    component: lazyRouteComponent(() => import('./pages/deployments/list.tsx'), 'DeploymentsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/deployments/$id',
    component: lazyRouteComponent(() => import('./pages/deployments/deployment.tsx'), 'DeploymentPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/work-pools',
    component: lazyRouteComponent(() => import('./pages/work-pools/list.tsx'), 'WorkPoolsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/work-pools/$name',
    component: lazyRouteComponent(() => import('./pages/work-pools/work-pool.tsx'), 'WorkPoolPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/concurrency',
    component: lazyRouteComponent(() => import('./pages/concurrency.tsx'), 'ConcurrencyPage'),
  }),
  createRoute({ getParentRoute: () => root, path: '/logs', component: lazyRouteComponent(() => import('./pages/logs.tsx'), 'LogsPage') }),
  createRoute({
    getParentRoute: () => root,
    path: '/events',
    component: lazyRouteComponent(() => import('./pages/events.tsx'), 'EventsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/artifacts',
    component: lazyRouteComponent(() => import('./pages/artifacts/list.tsx'), 'ArtifactsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/artifacts/$id',
    component: lazyRouteComponent(() => import('./pages/artifacts/artifact.tsx'), 'ArtifactPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/blocks',
    component: lazyRouteComponent(() => import('./pages/blocks/list.tsx'), 'BlocksPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/blocks/new/$slug',
    component: lazyRouteComponent(() => import('./pages/blocks/edit.tsx'), 'NewBlockPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/blocks/$id',
    component: lazyRouteComponent(() => import('./pages/blocks/block.tsx'), 'BlockPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/blocks/$id/edit',
    component: lazyRouteComponent(() => import('./pages/blocks/edit.tsx'), 'EditBlockPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/variables',
    component: lazyRouteComponent(() => import('./pages/variables.tsx'), 'VariablesPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings',
    component: lazyRouteComponent(() => import('./pages/settings.tsx'), 'SettingsPage'),
  }),
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
