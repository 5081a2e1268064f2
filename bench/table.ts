import { infoOf } from './rows.ts'
import type { Figure, RowResult, WorkerResult } from './summary.ts'

export const amount = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 10 ? 1 : 2)

export const spread = ({ median, min, max }: Figure) => `${amount(median)} (${amount(min)}–${amount(max)})`

export const columns = [
  'operation',
  'at',
  'worker',
  'ops/s (min–max)',
  'ratio',
  'settled ops/s',
  'p50 ms',
  'p99 ms',
  'CPU ms/op',
  'client',
]

const hasSettled = ({ name }: RowResult) => name === 'send'

function line(row: RowResult, worker: 'service' | 'bare', result: WorkerResult): string[] {
  const isService = worker === 'service'
  return [
    isService ? infoOf(row.name).title : '',
    isService ? String(row.connections) : '',
    worker,
    spread(result.perSecond),
    isService && row.ratio !== undefined ? row.ratio.toFixed(2) : '',
    hasSettled(row) ? amount(result.settledPerSecond.median) : '',
    amount(result.p50.median),
    amount(result.p99.median),
    amount(result.cpu.median),
    amount(result.clientCpu.median),
  ]
}

/** The cells of all rows: one line for each worker. */
export const cells = (rows: readonly RowResult[]): string[][] =>
  rows.flatMap((row) => [line(row, 'service', row.service), ...(row.bare ? [line(row, 'bare', row.bare)] : [])])

/** Renders a table for a terminal. */
export function terminalTable(rows: readonly RowResult[]): string {
  const all = [columns, ...cells(rows)]
  const widths = columns.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)))
  const isText = (column: number) => column === 0 || column === 2
  return all
    .map((line) =>
      line
        .map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
