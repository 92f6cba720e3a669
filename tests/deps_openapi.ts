/** A linter for OpenAPI; its own file, since it asks for all permissions when imported. */
export { createConfig, lintFromString } from "npm:@redocly/openapi-core@2.64.0";
