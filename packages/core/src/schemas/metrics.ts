import * as z from "zod/mini";
import type {
  AccumulationMetric,
  GaugeMetric,
  LabelMetric,
  MetricSetResponse,
  MetricUnit,
  ScalarMetric,
  TimeseriesInterval,
} from "../model/metrics.js";
import { describes } from "./describes.js";
import { openEnum } from "./primitives.js";

const unit = openEnum<MetricUnit>();
const points = z.array(z.tuple([z.int().check(z.minimum(0)), z.number()]));

const scalar = describes<ScalarMetric>()(z.looseObject({ name: z.string(), unit, value: z.number() }));
const accumulation = describes<AccumulationMetric>()(
  z.looseObject({ name: z.string(), unit, interval: openEnum<TimeseriesInterval>(), values: points }),
);
const gauge = describes<GaugeMetric>()(z.looseObject({ name: z.string(), unit, values: points }));
const label = describes<LabelMetric>()(z.looseObject({ name: z.string(), values: z.array(z.string()) }));

/** Answer of the three metrics operations. */
export const metricSetResponse = describes<MetricSetResponse>()(
  z.looseObject({
    values: z.array(
      z.union([
        z.looseObject({ scalar }),
        z.looseObject({ accumulation }),
        z.looseObject({ gauge }),
        z.looseObject({ label }),
      ]),
    ),
  }),
);
