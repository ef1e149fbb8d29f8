import { isSlow } from '../../insight/calibration.ts';
import type { Calibrated } from '../../model/finding.ts';
import type { Machine } from '../../model/machine.ts';
import type { Context } from '../context.ts';
import { plural, seconds } from '../units.ts';

/** `2 cores, load 6.1: 1.8× slower than the reference`; what is not known is left out. */
export function machineText({ cores, load, slower }: Machine): string {
  const busy = [plural(cores, 'core'), ...(load > 0 ? [`load ${load.toFixed(1)}`] : [])].join(', ');
  return slower === null || slower.wall === 1 ? busy : `${busy}: ${slower.wall.toFixed(1)}× slower than the reference`;
}

/** What the machine has to do with a missed time, as a line of its own; none when it is as fast as ever. */
export function machineLines({ machine }: Context, calibrated?: Calibrated): string[] {
  if (machine === null || !isSlow(machine)) return [];
  if (calibrated === undefined) return [`The machine was busy: ${machineText(machine)}.`];
  const { hereMs, thereMs } = calibrated;
  if (seconds(hereMs) === seconds(thereMs)) return [`About the same on the reference machine (${machineText(machine)}).`];
  return [`${seconds(hereMs)} here, about ${seconds(thereMs)} on the reference machine (${machineText(machine)}).`];
}

/** ` on the reference machine`, behind a time that is judged as that. */
export function whichClock(calibrated: Calibrated | undefined): string {
  return calibrated?.decides === true ? ' on the reference machine' : '';
}
