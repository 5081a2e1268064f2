export default {
  api: {
    input: '../../../openapi/openapi.json',
    output: { target: '../../../dist/clients/orval/api.ts', client: 'fetch', baseUrl: process.env['API_ORIGIN'] },
  },
}
