/**
 * The player of a case: spares whoever looks until they ask, and does all that it can by buttons.
 *
 * The page says by classes and attributes how somebody wants to begin. Without this script the
 * browser's own controls are there, and holding the picture shows it.
 */

const SPEEDS = [1, 1.5, 2];
const FRAME_S = 1 / 30;

type Doing = (button: HTMLButtonElement) => void;

/** A video that can be asked to show a moment. */
export interface Player {
  readonly video: HTMLVideoElement;
  readonly box: HTMLElement;
  seek(seconds: number): void;
}

/** Take the player of the page over, if there is one. */
export function openPlayer(): Player | null {
  const box = document.querySelector<HTMLElement>("[data-player]");
  const video = box?.querySelector("video");
  if (!box || !video) return null;
  const player = { video, box, seek: (seconds: number) => seek(video, seconds) };
  video.controls = false;
  video.muted = box.hasAttribute("data-muted");
  for (const each of box.querySelectorAll<HTMLElement>("[data-tools]")) each.hidden = false;
  press(box, doings(player));
  showState(player);
  reveal(box);
  tellBroken(player);
  return player;
}

/** Write seconds as minutes, seconds and tenths. */
export function clock(seconds: number): string {
  const tenths = Math.floor(seconds * 10 + 0.001);
  const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
  return `${Math.floor(tenths / 600)}:${rest}`;
}

function seek(video: HTMLVideoElement, seconds: number): void {
  const end = Number.isFinite(video.duration) ? video.duration : seconds;
  video.currentTime = Math.max(0, Math.min(seconds, end));
}

function doings({ video, box, seek }: Player): Record<string, Doing> {
  const frame = measureFrame(video);
  const step = (frames: number) => {
    video.pause();
    seek(video.currentTime + frames * frame.seconds);
  };
  return {
    play: () => void (video.paused ? video.play().catch(() => undefined) : video.pause()),
    blur: (button) => toggle(button, box.classList.toggle("is-blurred")),
    grey: (button) => toggle(button, box.classList.toggle("is-grey")),
    mute: () => (video.muted = !video.muted),
    back: () => step(-1),
    forward: () => step(1),
    speed: () => {
      const after = SPEEDS.indexOf(video.playbackRate) + 1;
      video.playbackRate = SPEEDS[after % SPEEDS.length] ?? 1;
    },
  };
}

function press(box: HTMLElement, todo: Record<string, Doing>): void {
  box.addEventListener("click", ({ target }) => {
    const button = (target as Element).closest<HTMLButtonElement>("button[data-do]");
    if (button) todo[button.dataset["do"] ?? ""]?.(button);
  });
}

function toggle(button: HTMLButtonElement, isOn: boolean): void {
  button.ariaPressed = String(isOn);
}

/** How long a frame lasts is learnt from those that are shown. */
function measureFrame(video: HTMLVideoElement): { seconds: number } {
  const frame = { seconds: FRAME_S };
  let last: number | null = null;
  const look = (_: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
    const passed = last === null ? 0 : mediaTime - last;
    if (passed > 0.005 && passed < 0.2 && !video.seeking) frame.seconds = passed;
    last = mediaTime;
    video.requestVideoFrameCallback(look);
  };
  if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(look);
  return frame;
}

function showState({ video, box }: Player): void {
  const button = (what: string) => box.querySelector<HTMLButtonElement>(`[data-do="${what}"]`);
  const time = box.querySelector<HTMLOutputElement>("[data-time]");
  const show = (): void => {
    const play = button("play");
    if (play) play.textContent = video.paused ? "Play" : "Pause";
    const mute = button("mute");
    if (mute) toggle(mute, video.muted);
    const speed = button("speed")?.firstChild;
    if (speed) speed.textContent = `${video.playbackRate}× `;
    const end = Number.isFinite(video.duration) ? ` / ${clock(video.duration)}` : "";
    if (time) time.textContent = clock(video.currentTime) + end;
  };
  for (const name of ["play", "pause", "volumechange", "ratechange", "timeupdate", "seeking"]) {
    video.addEventListener(name, show);
  }
  video.addEventListener("loadedmetadata", show);
  show();
}

/** While it is held, the veil is off. */
function reveal(box: HTMLElement): void {
  const veil = box.querySelector<HTMLButtonElement>("[data-reveal]");
  if (!veil) return;
  veil.hidden = false;
  const hold = (isHeld: boolean) => () => box.classList.toggle("is-held", isHeld);
  veil.addEventListener("pointerdown", hold(true));
  veil.addEventListener("keydown", ({ key }) => {
    if (key === "Enter") hold(true)();
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave", "keyup", "blur"]) {
    veil.addEventListener(name, hold(false));
  }
}

function tellBroken({ video, box }: Player): void {
  const tell = (): void => {
    box.classList.add("is-broken");
    box.querySelector<HTMLElement>("[data-broken]")!.hidden = false;
    for (const each of box.querySelectorAll<HTMLButtonElement>("[data-do]")) {
      each.disabled = !["blur", "grey", "previous", "next"].includes(each.dataset["do"] ?? "");
    }
  };
  const look = (): void => {
    if (video.videoWidth === 0) tell(); // the sound plays, the pictures do not
  };
  video.addEventListener("error", tell);
  video.addEventListener("loadedmetadata", look);
  if (video.error) tell();
  else if (video.readyState >= HTMLMediaElement.HAVE_METADATA) look();
}
