/** Drives a browser; its own file, since it asks for all permissions when imported. */
export {
  type Browser,
  chromium,
  type Page,
  type Route,
} from "npm:playwright-core@1.65.1";
