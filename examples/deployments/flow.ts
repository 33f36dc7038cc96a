// What `tutti deploy --plan` would read, printed without a server.
import config from './tutti.config.ts'

for (const deployment of config.deployments) {
  const { flowName, name, workPoolName, parameters, concurrency } = await deployment.definition()
  console.log(`${flowName}/${name} in ${workPoolName}`, { parameters, concurrency })
}
