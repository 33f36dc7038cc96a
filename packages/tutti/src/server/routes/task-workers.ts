import { taskWorkers } from '../../api/task-workers.ts'
import { timeText } from '../../api/values.ts'
import type { Mount } from '../mount.ts'
import type { TaskQueue } from '../task-queue.ts'

export function mountTaskWorkers(mount: Mount, queue: Pick<TaskQueue, 'workers'>): void {
  mount(taskWorkers.list, async ({ body }) => {
    const keys = body.task_worker_filter?.task_keys
    const found = queue.workers().filter(({ taskKeys }) => keys === undefined || taskKeys.some((key) => keys.includes(key)))
    return found.map(({ identifier, taskKeys, seenAt }) => ({ identifier, task_keys: [...taskKeys], timestamp: timeText(seenAt) }))
  })
}
