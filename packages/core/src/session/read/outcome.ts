import { S2Error } from "../../error/s2-error.js";

export function silenceError(): S2Error {
  return new S2Error({
    message: "The followed stream has been silent for too long, without even a heartbeat",
    code: "HEARTBEAT_TIMEOUT",
  });
}

export function drainingError(): S2Error {
  return new S2Error({
    message: "The server advised to reconnect",
    code: "server_draining",
    sideEffect: "none",
  });
}
