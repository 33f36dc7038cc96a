/** How many primes there are below a number, found the slow way: something that keeps a core busy. */
export function countPrimes(below: number): number {
  let count = 0
  for (let candidate = 2; candidate < below; candidate++) if (isPrime(candidate)) count += 1
  return count
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) return false
  return true
}
