import { toJSONSchema, type z } from "zod";

/** A schema in JSON, of the dialect that OpenAPI 3.1 uses. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** An unsigned integer of 64 bits, as JSON has it. */
export const U64: JsonSchema = {
  type: "integer",
  format: "uint64",
  minimum: 0,
};

/** Rules that are checks in code, by the words that refuse a value. */
const CHECKED: Readonly<Record<string, JsonSchema>> = {
  basin: { type: "string", minLength: 8, maxLength: 48, pattern: "^[a-z0-9][a-z0-9-]*[a-z0-9]$" },
  stream: { type: "string", minLength: 1, maxLength: 512 },
  id: { type: "string", minLength: 1, maxLength: 96 },
  location: { type: "string", minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9:.-]+$" },
};

/** The JSON schema of one of core's schemas. */
export function jsonSchemaOf(schema: unknown, io: "input" | "output"): JsonSchema {
  const {
    $schema: _,
    "~standard": __,
    ...json
  } = toJSONSchema(schema as z.core.$ZodType, {
    io,
    unrepresentable: "any",
    target: "draft-2020-12",
    override({ zodSchema, jsonSchema }) {
      const { def } = zodSchema._zod;
      if (def.type === "union" && (def as z.core.$ZodUnionDef).options.some(isBigint)) {
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
        Object.assign(jsonSchema, U64);
      }
      if (def.type === "tuple") {
        // Generators of test data stumble over `prefixItems`; how many there are says nearly the same.
        const { prefixItems = [] } = jsonSchema as { prefixItems?: JsonSchema[] };
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
        const { length } = prefixItems;
        const distinct = [...new Map(prefixItems.map((item) => [JSON.stringify(item), item])).values()];
        const items = distinct.length === 1 ? distinct[0] : { anyOf: distinct };
        Object.assign(jsonSchema, { type: "array", items, minItems: length, maxItems: length });
      }
      const properties = jsonSchema.properties as Record<string, JsonSchema> | undefined;
      for (const [name, rule] of Object.entries(CHECKED)) {
        const property = properties?.[name];
        if (io === "input" && property?.type === "string") Object.assign(property, rule);
      }
    },
  }) as Record<string, unknown>;
  return json;
}

function isBigint(option: z.core.$ZodType): boolean {
  return option._zod.def.type === "bigint";
}
