import * as fileObjects from '../../repositories/files'
import { probeBucket } from '../../repositories/probes'
import { limits } from '../../src/core/limits'
import type { AlarmJob } from '../durable/alarm-schedule'
import { continueBlanking } from './messages/changes'
import type { Passes } from './nudges/passes'
import type { GroupStore } from './store'
import { first } from './tables/blanked-quotes'
import * as pictures from './tables/pictures'

/** The jobs of a group's alarm. */
export const alarmJobs = (store: GroupStore, passes: Passes, bucket: R2Bucket): AlarmJob[] => [
  ...passes.jobs(),
  {
    name: 'quotes',
    due: () => (store.exists && first(store.sql) ? Date.now() : null),
    run: () => void store.write(continueBlanking),
  },
  {
    name: 'pictures',
    due: () => (store.exists ? pictures.due(store.sql) : null),
    run: () => removePictures(store, bucket),
    probe: () => probeBucket(bucket),
  },
]

/** Removes the files of former pictures, and of those that were never shown. */
async function removePictures({ sql }: GroupStore, bucket: R2Bucket) {
  const fileIds = pictures.removable(sql, Date.now(), limits.groupPicturesRemovedAtOnce)
  if (fileIds.length === 0) return
  await fileObjects.remove(bucket, fileIds)
  pictures.forget(sql, fileIds)
}
