/** Shows the service's own description in the viewer; nobody else is asked whether it is valid. */
globalThis.SwaggerUIBundle?.({
  url: "openapi.json",
  dom_id: "#api",
  validatorUrl: null,
});
