/** Kinds of infrastructure that pools are made for: what a job of each is made from, and the values that may be filled in. */
export interface WorkerKind {
  readonly type: string
  readonly display_name: string
  readonly description: string
  readonly install_command: string
  readonly is_beta: boolean
  readonly documentation_url: string | null
  readonly logo_url: string | null
  readonly default_base_job_configuration: JobTemplate
}

interface JobTemplate {
  readonly job_configuration: Readonly<Record<string, unknown>>
  readonly variables: {
    readonly type: 'object'
    readonly properties: Readonly<Record<string, Property>>
    readonly definitions?: Readonly<Record<string, unknown>>
    readonly required?: readonly string[]
  }
}

type Property = Readonly<Record<string, unknown>> & { readonly title: string; readonly description: string }

/** What every job has. */
const COMMON = {
  name: text('Name', 'What the infrastructure of a run is called; made from the name of the run when empty.'),
  env: map('Environment variables', 'Set for the process of the run.'),
  labels: map('Labels', 'Put on the infrastructure of a run.'),
  command: text('Command', 'What starts a run; the usual command when empty.'),
}

const STREAM_OUTPUT = {
  title: 'Stream output',
  description: 'Whether the worker repeats what a run prints.',
  type: 'boolean',
  default: true,
} satisfies Property

const PROCESS_VARIABLES = {
  ...COMMON,
  stream_output: STREAM_OUTPUT,
  working_dir: {
    title: 'Working folder',
    description: 'Where the process starts; a temporary folder when empty.',
    type: 'string',
    format: 'path',
  },
} as const satisfies Readonly<Record<string, Property>>

const PROCESS: WorkerKind = kind({
  type: 'process',
  display_name: 'Process',
  description: 'Runs each flow run in a process of its own, on the machine of the worker. The easiest way to begin.',
  package: 'prefect',
  variables: PROCESS_VARIABLES,
})

/** What a pool of processes is made from when Tutti makes it: what only its own workers know comes on top, others leave it aside. */
export const PROCESS_TEMPLATE: JobTemplate = kind({
  type: 'process',
  display_name: 'Process',
  description: 'Runs each flow run in a process of its own, on the machine of the worker.',
  package: 'tutti',
  variables: {
    ...PROCESS_VARIABLES,
    memory_mb: {
      title: 'Memory',
      description: 'The most memory, in megabytes, that the code of a run may take for its values; without it what Node gives.',
      anyOf: [{ type: 'integer', minimum: 32 }, { type: 'null' }],
    },
    isolation: {
      title: 'Isolation',
      description: 'Whether runs of one version of the code may use a process one after the other, or each has its own.',
      type: 'string',
      enum: ['version', 'run'],
      default: 'version',
    },
  },
}).default_base_job_configuration

const DOCKER: WorkerKind = kind({
  type: 'docker',
  display_name: 'Docker',
  description: 'Runs each flow run in a container, by a Docker engine that the worker can reach.',
  package: 'prefect-docker',
  variables: {
    ...COMMON,
    image: text('Image', 'The image of the container.'),
    image_pull_policy: {
      ...text('Image pull policy', 'When the image is fetched anew.'),
      enum: ['IfNotPresent', 'Always', 'IfPossible', 'Never'],
    },
    networks: list('Networks', 'Docker networks that the container joins.'),
    network_mode: text('Network mode', 'As of `docker run --network`; not together with networks.'),
    auto_remove: { ...flag('Remove when done', 'Whether the container is deleted after the run.'), default: false },
    volumes: list('Volumes', 'Mounts, each written as `/here:/there`.'),
    stream_output: STREAM_OUTPUT,
    mem_limit: text('Memory', 'The most memory that the container may use: bytes, or with a unit as in `512m`.'),
    memswap_limit: text('Memory and swap', 'The most memory and swap together.'),
    privileged: { ...flag('Privileged', 'Whether the container has extended rights.'), default: false },
  },
})

const KUBERNETES_VARIABLES = {
  ...COMMON,
  namespace: { ...text('Namespace', 'Where the job is made.'), default: 'default' },
  image: text('Image', 'The image of the container.'),
  image_pull_policy: {
    ...text('Image pull policy', 'When the image is fetched anew.'),
    enum: ['IfNotPresent', 'Always', 'Never'],
    default: 'IfNotPresent',
  },
  service_account_name: text('Service account', 'Whose rights the job has.'),
  finished_job_ttl: whole('Keep finished jobs', 'Seconds until a finished job is deleted; kept when empty.'),
  job_watch_timeout_seconds: whole('Longest run', 'Seconds until the worker stops watching a job; without end when empty.'),
  pod_watch_timeout_seconds: { ...whole('Longest start', 'Seconds in which the pod must start.'), default: 60 },
  stream_output: STREAM_OUTPUT,
  cpu_request: text('CPU asked for', 'As in `500m`.'),
  cpu_limit: text('CPU at most', 'As in `1`.'),
  memory_request: text('Memory asked for', 'As in `256Mi`.'),
  memory_limit: text('Memory at most', 'As in `1Gi`.'),
} satisfies Readonly<Record<string, Property>>

const KUBERNETES: WorkerKind = {
  ...kind({
    type: 'kubernetes',
    display_name: 'Kubernetes',
    description: 'Runs each flow run as a job of a Kubernetes cluster.',
    package: 'prefect-kubernetes',
    variables: KUBERNETES_VARIABLES,
  }),
  default_base_job_configuration: {
    job_configuration: {
      ...same(['command', 'env', 'labels', 'name', 'namespace', 'job_watch_timeout_seconds', 'pod_watch_timeout_seconds', 'stream_output']),
      job_manifest: {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { generateName: '{{ name }}-', namespace: '{{ namespace }}', labels: '{{ labels }}' },
        spec: {
          // Whether a run is tried again is for its flow to say.
          backoffLimit: 0,
          ttlSecondsAfterFinished: '{{ finished_job_ttl }}',
          template: {
            spec: {
              parallelism: 1,
              completions: 1,
              restartPolicy: 'Never',
              serviceAccountName: '{{ service_account_name }}',
              containers: [
                {
                  name: 'prefect-job',
                  image: '{{ image }}',
                  imagePullPolicy: '{{ image_pull_policy }}',
                  args: '{{ command }}',
                  env: '{{ env }}',
                  resources: {
                    requests: { cpu: '{{ cpu_request }}', memory: '{{ memory_request }}' },
                    limits: { cpu: '{{ cpu_limit }}', memory: '{{ memory_limit }}' },
                  },
                },
              ],
            },
          },
        },
      },
    },
    variables: { type: 'object', properties: KUBERNETES_VARIABLES },
  },
}

const CLOUD_RUN_VARIABLES = {
  ...COMMON,
  credentials: {
    title: 'Credentials',
    description: 'The Google Cloud credentials block of the worker.',
    $ref: '#/definitions/GcpCredentials',
  },
  region: { ...text('Region', 'Where the job runs.'), default: 'us-central1' },
  image: { ...text('Image', 'The image of the container.'), default: 'prefecthq/prefect:3-latest' },
  args: list('Arguments', 'Of the command.'),
  keep_job: { ...flag('Keep the job', 'Whether the job stays after the run.'), default: false },
  launch_stage: { ...text('Launch stage', 'Of the features that the job may use.'), enum: ['ALPHA', 'BETA', 'GA'], default: 'GA' },
  max_retries: { ...whole('Retries', 'How often Cloud Run starts a failed job again.'), default: 0 },
  cpu: { ...text('CPU', 'As in `1000m`.'), default: '1000m' },
  memory: { ...text('Memory', 'As in `512Mi`.'), default: '512Mi', pattern: String.raw`^\d+(?:G|Gi|M|Mi)$` },
  timeout: { ...whole('Longest run', 'Seconds until the job is ended.'), default: 600, exclusiveMinimum: 0, maximum: 604_800 },
  vpc_connector_name: text('VPC connector', 'By which the job reaches a private network.'),
  service_account_name: text('Service account', 'Whose rights the job has.'),
} satisfies Readonly<Record<string, Property>>

const CLOUD_RUN: WorkerKind = {
  ...kind({
    type: 'cloud-run-v2',
    display_name: 'Google Cloud Run',
    description: 'Runs each flow run as a job of Google Cloud Run.',
    package: 'prefect-gcp',
    variables: CLOUD_RUN_VARIABLES,
  }),
  default_base_job_configuration: {
    job_configuration: {
      ...same(['command', 'env', 'labels', 'name', 'credentials', 'keep_job', 'region', 'timeout']),
      job_body: {
        client: 'prefect',
        launchStage: '{{ launch_stage }}',
        template: {
          template: {
            serviceAccount: '{{ service_account_name }}',
            maxRetries: '{{ max_retries }}',
            timeout: '{{ timeout }}',
            vpcAccess: { connector: '{{ vpc_connector_name }}' },
            containers: [
              {
                image: '{{ image }}',
                command: '{{ command }}',
                args: '{{ args }}',
                env: [],
                resources: { limits: { cpu: '{{ cpu }}', memory: '{{ memory }}' } },
              },
            ],
          },
        },
      },
    },
    variables: {
      type: 'object',
      properties: CLOUD_RUN_VARIABLES,
      definitions: {
        GcpCredentials: {
          title: 'Google Cloud credentials',
          type: 'object',
          block_type_slug: 'gcp-credentials',
          properties: { service_account_info: { type: 'object' }, service_account_file: { type: 'string' }, project: { type: 'string' } },
        },
      },
    },
  },
}

/** Kinds of workers by the package that has them. */
const WORKERS: Readonly<Record<string, Readonly<Record<string, WorkerKind>>>> = {
  prefect: { process: PROCESS },
  'prefect-docker': { docker: DOCKER },
  'prefect-kubernetes': { kubernetes: KUBERNETES },
  'prefect-gcp': { 'cloud-run-v2': CLOUD_RUN },
}

/** What is known beforehand, by the name under which clients ask for it. */
export const CATALOGUE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'aggregate-worker-metadata': WORKERS,
  'aggregate-block-metadata': {},
  'aggregate-flow-metadata': {},
  'demo-flows': {},
}

interface KindOptions {
  readonly type: string
  readonly display_name: string
  readonly description: string
  readonly package: string
  readonly variables: Readonly<Record<string, Property>>
}

/** Each variable fills in the setting of the same name. */
function kind({ package: name, variables, ...told }: KindOptions): WorkerKind {
  return {
    ...told,
    install_command: `pip install ${name}`,
    is_beta: false,
    documentation_url: null,
    logo_url: null,
    default_base_job_configuration: {
      job_configuration: same(Object.keys(variables)),
      variables: { type: 'object', properties: variables },
    },
  }
}

function same(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, `{{ ${name} }}`]))
}

function text(title: string, description: string): Property {
  return { title, description, type: 'string' }
}

function whole(title: string, description: string): Property {
  return { title, description, type: 'integer' }
}

function flag(title: string, description: string): Property {
  return { title, description, type: 'boolean' }
}

function list(title: string, description: string): Property {
  return { title, description, type: 'array', items: { type: 'string' } }
}

function map(title: string, description: string): Property {
  return { title, description, type: 'object', additionalProperties: { type: 'string' } }
}
