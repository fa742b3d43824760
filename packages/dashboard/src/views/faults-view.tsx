import { useEffect, useState } from "preact/hooks";
import { describeRule, FAULT_PRESETS, type FaultRule, ruleFromText } from "../logic/fault-presets.js";
import { Field } from "../parts/field.js";
import { ErrorNote } from "../parts/notes.js";
import { token } from "../state/connection.js";
import { type ActiveFault, addFault, listFaults, removeFault } from "../state/faults-api.js";
import { errorText, notify } from "../state/notices.js";
import { useLoaded } from "../state/use-loaded.js";

const REFRESH_MS = 2000;
const EXAMPLE = `{
  "on": { "operation": "append", "nth": 10, "times": 1 },
  "do": { "kind": "stall" }
}`;

/** Faults switched on and off: those that are known, and any other as JSON. */
export function FaultsView() {
  const { value: active, error, isLoading, reload } = useLoaded(listFaults, [token.value]);
  useHits(active, reload);
  const change = (doing: Promise<unknown>): void => {
    doing.catch((failure: unknown) => notify(errorText(failure), true)).finally(reload);
  };
  return (
    <>
      <div class="title">
        <h1>Faults on demand</h1>
      </div>
      {error === undefined ? null : <ErrorNote error={error} onRetry={reload} />}
      {error === undefined && active === undefined ? (
        <p class="empty">
          {isLoading ? (
            "Loading…"
          ) : (
            <>
              This server lets nobody switch its faults. One that does is started with{" "}
              <code>s2-local --admin</code>, or <code>startLocal(&#123; admin: true &#125;)</code>.
            </>
          )}
        </p>
      ) : null}
      {active === undefined ? null : (
        <>
          <p class="lead">
            A program that talks to a server should be tried with one that fails. Faults concern everybody who
            uses the server, this page included.
          </p>
          <Presets active={active} change={change} />
          <Others active={active} change={change} />
          <OwnRule onRule={(rule) => change(addFault(rule))} />
        </>
      )}
    </>
  );
}

/** Hits come without anybody telling, so they are asked for while there can be any. */
function useHits(active: readonly ActiveFault[] | undefined, reload: () => void): void {
  const isActive = active !== undefined && active.length > 0;
  useEffect(() => {
    if (!isActive) return undefined;
    const timer = setInterval(reload, REFRESH_MS);
    return () => clearInterval(timer);
  }, [isActive]);
}

interface ActiveProps {
  readonly active: readonly ActiveFault[];
  readonly change: (doing: Promise<unknown>) => void;
}

function Presets({ active, change }: ActiveProps) {
  /** How switches stand that the server has not been told of yet. */
  const [wanted, setWanted] = useState<ReadonlyMap<string, boolean>>(new Map());
  useEffect(() => setWanted(new Map()), [active]);
  return (
    <ul class="switches">
      {FAULT_PRESETS.map(({ name, rule }) => {
        const found = active.filter((fault) => isSame(fault.rule, rule));
        const isOn = wanted.get(name) ?? found.length > 0;
        const hits = found.reduce((total, fault) => total + fault.hits, 0);
        return (
          <li key={name}>
            <label class="switch">
              <input
                type="checkbox"
                role="switch"
                checked={isOn}
                aria-checked={isOn}
                onChange={(event) => {
                  const { checked } = event.currentTarget;
                  setWanted(new Map(wanted).set(name, checked));
                  change(checked ? addFault(rule) : Promise.all(found.map(({ id }) => removeFault(id))));
                }}
              />
              <span>
                {name}
                <small>{describeRule(rule)}</small>
              </span>
            </label>
            {found.length > 0 ? <Hits hits={hits} /> : null}
          </li>
        );
      })}
    </ul>
  );
}

function Others({ active, change }: ActiveProps) {
  const others = active.filter(({ rule }) => !FAULT_PRESETS.some((preset) => isSame(preset.rule, rule)));
  if (others.length === 0) return null;
  return (
    <>
      <h2>Other rules in force</h2>
      <ul class="switches">
        {others.map(({ id, rule, hits }) => (
          <li key={id}>
            <span>{describeRule(rule)}</span>
            <Hits hits={hits} />
            <button type="button" class="quiet danger" onClick={() => change(removeFault(id))}>
              Remove
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Hits({ hits }: { readonly hits: number }) {
  return <span class="tag">{hits === 1 ? "1 hit" : `${hits} hits`}</span>;
}

function OwnRule({ onRule }: { readonly onRule: (rule: FaultRule) => void }) {
  const [text, setText] = useState(EXAMPLE);
  const [failure, setFailure] = useState<unknown>();
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        try {
          onRule(ruleFromText(text));
          setFailure(undefined);
        } catch (thrown) {
          setFailure(thrown);
        }
      }}
    >
      <Field label="Another rule, as JSON">
        <textarea
          rows={5}
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </Field>
      {failure === undefined ? null : <ErrorNote error={failure} />}
      <footer class="actions">
        <button type="submit" class="primary">
          Switch on
        </button>
      </footer>
    </form>
  );
}

/** Whether two rules say the same; the server gives back what it was given. */
function isSame(left: FaultRule, right: FaultRule): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
