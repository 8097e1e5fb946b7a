// Reads barcodes with the camera where the browser can (the Barcode Detection API); says whether it can.
const EVERY_MS = 160;
const SAME_MS = 1_500;
const FORMATS = ["code_128", "ean_13", "ean_8", "upc_a", "upc_e", "itf", "code_39", "qr_code", "data_matrix"];

export async function canRead() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return false;
  const known = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
  return known.length > 0;
}

export class Camera {
  constructor(video, found) {
    this.video = video;
    this.found = found;
    this.last = { text: "", at: 0 };
  }

  get on() {
    return Boolean(this.stream);
  }

  async start() {
    const known = await window.BarcodeDetector.getSupportedFormats();
    this.detector = new window.BarcodeDetector({ formats: FORMATS.filter((format) => known.includes(format)) });
    this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    this.video.srcObject = this.stream;
    this.video.hidden = false;
    await this.video.play();
    this.look();
  }

  stop() {
    clearTimeout(this.timer);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
    this.video.hidden = true;
  }

  async look() {
    if (!this.on) return;
    const codes = await this.detector.detect(this.video).catch(() => []);
    const text = codes[0]?.rawValue;
    const now = Date.now();
    // The same label stays in front of the camera for a while: it is one scan.
    if (text && (text !== this.last.text || now - this.last.at > SAME_MS)) this.found(text);
    if (text) this.last = { text, at: now };
    this.timer = setTimeout(() => this.look(), EVERY_MS);
  }
}
