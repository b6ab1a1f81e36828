// A process of its own for the attackers, so that their work does not delay the measurements. It runs all
// attacks from its parent's first message until the parent closes the channel.
import { type Attackers, attacks } from './hostile-attacks.ts'

export type AttackPlan = Omit<Attackers, 'going'>

process.once('message', (plan: AttackPlan) => {
  let isGoing = true
  process.once('disconnect', () => {
    isGoing = false
    // An attack may be waiting for a response that never comes.
    setTimeout(() => process.exit(), 5_000).unref()
  })
  const going = () => isGoing
  for (const [place, attack] of Object.values(attacks).entries())
    void attack({ ...plan, going }, `127.${101 + place}.0.1`)
})
