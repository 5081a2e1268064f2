// The settings of /docs/reading.html, in a separate file because the page's policy allows no inline scripts. Nothing here asks
// another host: no fonts, no telemetry, no proxy, no assistant.
Scalar.createApiReference('#app', {
  url: '/openapi.json',
  telemetry: false,
  withDefaultFonts: false,
  proxyUrl: '',
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
  hideClientButton: true,
  hideTestRequestButton: true,
  documentDownloadType: 'direct',
  defaultOpenFirstTag: true,
  operationTitleSource: 'summary',
})
