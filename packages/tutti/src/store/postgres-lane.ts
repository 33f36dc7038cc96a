/** Scripts that wait for one transaction. */
export interface LaneOptions<Member> {
  /** Groups under way at the same time. */
  readonly groupsMax: number
  /** Members of one group. */
  readonly membersMax: number
  /** Tells each member of its end; never fails. */
  readonly run: (group: readonly Member[]) => Promise<void>
}

/** Whoever comes while a transaction is under way shares the next one: a commit costs the same for one and for many. */
export class Lane<Member> {
  readonly #options: LaneOptions<Member>
  readonly #waiting: Member[] = []
  #running = 0
  #idle: (() => void)[] = []

  constructor(options: LaneOptions<Member>) {
    this.#options = options
  }

  add(member: Member): void {
    this.#waiting.push(member)
    this.#next()
  }

  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  #next(): void {
    const { groupsMax, membersMax, run } = this.#options
    while (this.#running < groupsMax && this.#waiting.length > 0) {
      this.#running += 1
      void run(this.#waiting.splice(0, membersMax)).finally(() => {
        this.#running -= 1
        this.#next()
        if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve()
      })
    }
  }
}
