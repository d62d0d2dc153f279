import { Terminal } from "../../runtime/errors.ts";
import { isCountryAllowed } from "../../runtime/phone-country.ts";
import type { Clock, Directory, SmsBudget, SmsGateway } from "../../runtime/ports.ts";

/** Sends what the firm's countries and the caps of the day allow, whoever ordered it. */
export function createBoundedSms({
  gateway,
  budget,
  directory,
  clock,
}: {
  gateway: SmsGateway;
  budget: Pick<SmsBudget, "take">;
  directory: Pick<Directory, "firm">;
  clock: Clock;
}): SmsGateway {
  return {
    async send(sms) {
      const firm = await directory.firm(sms.firmId);
      if (firm && !isCountryAllowed(firm.settings, sms.to)) throw new Terminal("phone_country_not_allowed");
      const refused = await budget.take(sms, clock.now());
      if (refused) throw new Terminal(refused);
      return gateway.send(sms);
    },
  };
}
