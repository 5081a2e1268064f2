import { exports } from 'cloudflare:workers'
import { expect, test } from 'vitest'

test('the served document matches the committed one', async () => {
  const response = await exports.default.fetch('http://localhost/openapi.json')
  await expect(await response.text()).toMatchFileSnapshot('../../openapi/openapi.json')
})
