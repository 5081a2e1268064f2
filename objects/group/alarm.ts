import type { AlarmJob } from '../durable/alarm-schedule'
import { indexDue } from '../durable/search-index'
import { owesAnybody } from './members/ending'
import { continueBlanking } from './messages/changes'
import { continueIndexing, indexOf } from './messages/indexing'
import type { Passes } from './nudges/passes'
import type { GroupStore } from './store'
import { first } from './tables/blanked-quotes'
import { eraseSlice } from './tables/erasure'

/** The jobs of a group's alarm. */
export const alarmJobs = (store: GroupStore, passes: Passes): AlarmJob[] => [
  ...passes.jobs(),
  {
    name: 'quotes',
    due: () => (store.exists && !store.isEnding && first(store.sql) ? Date.now() : null),
    run: () => void store.write(continueBlanking),
  },
  {
    name: 'search',
    due: () => (store.exists && !store.isEnding ? indexDue(indexOf(store.context())) : null),
    run: () => store.write(continueIndexing),
  },
  ...erasure(store),
]

/** What is left to do for a group that has ended. */
function erasure(store: GroupStore): AlarmJob[] {
  let isEmpty = false
  return [
    {
      name: 'erasure',
      due: () => (store.isEnding && !isEmpty ? Date.now() : null),
      run: () => {
        isEmpty = !store.write(({ sql }) => eraseSlice(sql))
      },
    },
    {
      name: 'burial',
      due: () => (store.isEnding && isEmpty && !owesAnybody(store) ? Date.now() : null),
      run: () => store.bury(),
    },
  ]
}
