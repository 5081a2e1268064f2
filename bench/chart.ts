import type { Curve } from './summary.ts'

const width = 720
const height = 360
const margin = { left: 56, right: 150, top: 24, bottom: 44 }
const colors = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#ff7f0e', '#8c564b']

interface Series {
  name: string
  points: { x: number; y: number }[]
}

interface Axes {
  x: number[]
  yMax: number
  xLabel: string
}

/** A round number that is not below the value: 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power
}

const ticks = 5

const text = (x: number, y: number, content: string, anchor = 'middle', extra = '') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"${extra}>${content}</text>`

const line = (x1: number, y1: number, x2: number, y2: number) =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="#ddd"/>`

/** Renders lines over a logarithmic axis of sizes, in milliseconds from 0. */
function render(title: string, series: readonly Series[], { x, yMax, xLabel }: Axes): string {
  const [left, right] = [margin.left, width - margin.right]
  const [top, bottom] = [margin.top, height - margin.bottom]
  const first = Math.log10(x[0] ?? 1)
  const last = Math.log10(x.at(-1) ?? 10)
  const atX = (value: number) => left + ((Math.log10(value) - first) / (last - first)) * (right - left)
  const atY = (value: number) => bottom - (value / yMax) * (bottom - top)
  const yTicks = Array.from({ length: ticks + 1 }, (_, index) => (index * yMax) / ticks)
  const lines = series.flatMap(({ name, points }, index) => {
    const color = colors[index % colors.length]
    const drawn = points.map((point) => `${atX(point.x).toFixed(1)},${atY(point.y).toFixed(1)}`)
    const legendY = top + 12 + index * 20
    return [
      `<polyline points="${drawn.join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>`,
      ...points.map(
        ({ x, y }) => `<circle cx="${atX(x).toFixed(1)}" cy="${atY(y).toFixed(1)}" r="3" fill="${color}"/>`,
      ),
      `<rect x="${right + 16}" y="${legendY - 9}" width="12" height="12" fill="${color}"/>`,
      text(right + 34, legendY + 2, name, 'start'),
    ]
  })
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...yTicks.flatMap((tick) => [
      line(left, atY(tick), right, atY(tick)),
      text(left - 8, atY(tick) + 4, String(Number(tick.toPrecision(3))), 'end'),
    ]),
    ...x.flatMap((tick) => [
      line(atX(tick), top, atX(tick), bottom),
      text(atX(tick), bottom + 18, tick.toLocaleString('en-US')),
    ]),
    text((left + right) / 2, height - 8, xLabel),
    text(left - 8, top - 10, 'ms', 'end'),
    ...lines,
    '</svg>',
  ].join('\n')}\n`
}

/** The median time of each call over the size of a mailbox, as SVG. */
export function chartOf(curves: readonly Curve[], kind: Curve['kind']): string {
  const chosen = curves.filter((curve) => curve.kind === kind)
  const series = [...Map.groupBy(chosen, ({ call }) => call)].map(([name, points]) => ({
    name,
    points: points.map(({ size, p50 }) => ({ x: size, y: p50 })),
  }))
  return render(`Median time of a call by ${kind} in the mailbox`, series, {
    x: [...new Set(chosen.map(({ size }) => size))],
    yMax: roundUp(Math.max(...chosen.map(({ p50 }) => p50))),
    xLabel: `${kind} in the mailbox`,
  })
}
