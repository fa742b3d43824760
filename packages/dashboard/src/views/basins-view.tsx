import { client } from "../state/connection.js";
import { amend } from "../state/location.js";
import { CreateBasin } from "./create-dialog.js";
import { ResourceList } from "./resource-list.js";

export function BasinsView({ search }: { readonly search: string }) {
  const { basins } = client.value;
  return (
    <ResourceList
      kind="basin"
      heading="Basins"
      search={search}
      onSearch={(text) => amend({ page: "basins", search: text })}
      list={(args, options) => basins.listAll(args, options)}
      inputs={[basins]}
      placeOf={(basin) => ({ page: "basin", basin, tab: "streams", search: "" })}
      column={["Location", ({ location }) => location ?? "–"]}
      remove={(basin) => basins.delete({ basin })}
      lost="The basin goes with all of its streams and records."
      create={(props) => <CreateBasin {...props} />}
    />
  );
}
