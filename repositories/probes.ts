/** Rejects while the database is unreachable. Reads nothing. */
export const probeDatabase = (db: D1Database) => db.prepare('SELECT 1').run()

/** Rejects while the file storage is unreachable. */
export const probeBucket = (bucket: R2Bucket) => bucket.head('health')
