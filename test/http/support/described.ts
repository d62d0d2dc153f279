import { expect } from "chai";
import type { Door } from "../../../src/http/door.ts";
import { apiRoutes } from "../../../src/http/routes.ts";

// Only their description is looked at, and nothing of a door is needed for that.
const routes = apiRoutes({ testClock: {} } as unknown as Door).map((route) => ({
  ...route,
  form: new RegExp(`^${route.path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));

/** An answer of the kind that a route describes is as its schema says: no field is missing, and none is undescribed. */
export function mustBeAsDescribed(method: string, { pathname }: URL, status: number, json: unknown): void {
  const route = routes.find((one) => one.method.toUpperCase() === method && one.form.test(pathname));
  const schema = route?.answer.status === status && json !== undefined ? route.answer.schema : undefined;
  if (!schema) return;
  const read = schema.safeParse(json);
  expect(read.error?.issues ?? [], `${method} ${pathname} answers otherwise than it says`).to.deep.equal([]);
  expect(read.data, `${method} ${pathname} answers more than it says`).to.deep.equal(json);
}
