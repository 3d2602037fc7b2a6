"use strict";
(() => {
  document.documentElement.classList.add("js");
  const every = (selector, of = document) => [...of.querySelectorAll(selector)];

  // ---- Tables: sorted, searched, copied -------------------------------------------------------------------------
  every("table.data").forEach((table) => {
    const holder = table.closest(".holds-table");
    const exported = { exportOptions: { columns: ":not(.no-export)" }, title: null, filename: table.dataset.export };
    new DataTable(table, {
      paging: false,
      order: [],
      autoWidth: false,
      layout: {
        topStart: {
          buttons: [
            { extend: "copy", text: "Copy", ...exported },
            { extend: "csv", text: "CSV", ...exported },
          ],
        },
        topEnd: { search: { placeholder: "Search the table" } },
        bottomStart: "info",
        bottomEnd: null,
      },
      language: { search: "", info: "_TOTAL_ rows", infoEmpty: "no row", infoFiltered: "of _MAX_", zeroRecords: "No row matches" },
    });
    const scrolled = { tabindex: "0", role: "region", "aria-label": holder.dataset.label };
    Object.entries(scrolled).forEach(([name, value]) => holder.querySelector(".dt-layout-table").setAttribute(name, value));
  });

  // ---- What opens for a variant: its forest plot, or the SNP in all traits ---------------------------------------
  const details = new Map(every("[data-detail]").map((figure) => [figure.dataset.detail, figure]));
  const order = [...details.keys()];
  const dialog = document.getElementById("detail");
  let opened = null;

  const open = (variant) => {
    const figure = details.get(variant);
    if (!figure) return false;
    opened = variant;
    document.getElementById("detail-title").textContent = variant;
    const links = every(`tr[data-variant="${CSS.escape(variant)}"] td.links a`)[0]?.parentElement.cloneNode(true).childNodes ?? [];
    dialog.querySelector(".detail-links").replaceChildren(...links);
    const copy = figure.cloneNode(true);
    every("figcaption", copy).forEach((caption) => caption.remove());
    dialog.querySelector(".detail-body").replaceChildren(...copy.childNodes);
    if (!dialog.open) dialog.showModal();
    return true;
  };
  const step = (by) => open(order[(order.indexOf(opened) + by + order.length) % order.length]);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (event.target === dialog) dialog.close();
    if (!button) return;
    if (button.dataset.open) open(button.dataset.open);
    if (button.dataset.step) step(Number(button.dataset.step));
    if ("close" in button.dataset) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") step(1);
    if (event.key === "ArrowLeft") step(-1);
  });

  const showRow = (variant) => {
    every("tr.chosen").forEach((row) => row.classList.remove("chosen"));
    const row = document.querySelector(`tr[data-variant="${CSS.escape(variant)}"]`);
    if (!row) return false;
    row.classList.add("chosen");
    row.scrollIntoView({ block: "center" });
    return true;
  };

  // ---- Manhattan plots -------------------------------------------------------------------------------------------
  const DARK = "#1f4e79", LIGHT = "#7fa9cf", LEAD = "#d55e00", INK = "#1c2329";
  const FONT = "13px system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif";
  const REACH = 18; // pixels from the pointer to a point
  const LOCUS = 500000; // base pairs

  const unpacked = (text, Kind) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Kind(bytes.buffer);
  };
  const pValue = (height) => {
    if (height < 3) return "p = " + Number((10 ** -height).toPrecision(2));
    let power = -Math.ceil(height);
    let digits = (10 ** (-height - power)).toFixed(1);
    if (digits === "10.0") { digits = "1.0"; power += 1; }
    const raised = String(power).replace(/./g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
    return `p = ${digits} × 10${raised}`;
  };
  const spacing = (span, about) => {
    const power = 10 ** Math.floor(Math.log10(span / about));
    return [1, 2, 5, 10].map((m) => m * power).find((size) => span / size <= about);
  };

  class Manhattan {
    constructor(place, given, readout, zoom) {
      Object.assign(this, { place, given, readout });
      this.position = unpacked(given.position, Int32Array);
      this.chromosome = unpacked(given.chromosome, Int16Array);
      this.height = unpacked(given.height, Float32Array);
      this.x = Array.from(this.position, (position, k) => given.starts[this.chromosome[k]] + position);
      this.y = Array.from(this.height, (height) => this.drawn(height));
      this.leads = given.leads
        .filter((lead) => lead.chromosome >= 0)
        .map((lead) => ({ ...lead, x: given.starts[lead.chromosome] + lead.position, y: this.drawn(lead.height) }))
        .sort((one, other) => one.x - other.x);
      this.lead = -1;
      this.plot = new uPlot(this.options(), [this.x, this.y], place);
      this.tip = this.added("tip");
      this.ring = this.added("ring");
      this.listen(zoom);
    }

    drawn(height) {
      const bend = this.given.break;
      return bend && height > bend[0] ? bend[0] + (height - bend[0]) * bend[1] : height;
    }

    size() {
      return { width: this.place.clientWidth, height: this.place.clientWidth < 640 ? 300 : 430 };
    }

    options() {
      const { given } = this;
      const axis = { stroke: INK, font: FONT, labelFont: FONT, ticks: { size: 4, stroke: "#8c8c8c" } };
      return {
        ...this.size(),
        legend: { show: false },
        cursor: { x: true, y: false, points: { show: false }, drag: { x: true, y: false, dist: 6 } },
        scales: {
          x: { time: false, range: (_, low, high) => (low === this.x[0] ? given.limits : [low, high]) },
          y: { range: [0, given.top] },
        },
        axes: [
          { ...axis, size: 34, grid: { show: false }, splits: (u, _, low, high) => this.places(u, low, high), values: (u, splits) => this.names(u, splits) },
          { ...axis, size: 52, label: "−log₁₀ p", labelSize: 20, grid: { stroke: "#edf0f3", width: 1 }, splits: () => given.ticksDrawn, values: () => given.ticks.map(String) },
        ],
        series: [{}, { paths: (u) => this.draw(u) }],
        hooks: { drawAxes: [(u) => this.drawLines(u)] },
      };
    }

    shown(u) {
      const { starts, lengths } = this.given;
      const all = starts.map((start, k) => ({ k, low: Math.max(start, u.scales.x.min), high: Math.min(start + lengths[k], u.scales.x.max) }));
      return all.filter((one) => one.high > one.low);
    }

    places(u, low, high) {
      const shown = this.shown(u);
      if (shown.length === 1) {
        const start = this.given.starts[shown[0].k];
        const by = spacing(high - low, Math.max(2, u.width / 110));
        const places = [];
        for (let at = Math.ceil((low - start) / by) * by; at <= high - start; at += by) places.push(start + at);
        return places;
      }
      const width = (u.width - 80) / (high - low);
      let last = -Infinity;
      return shown.map((one) => (one.low + one.high) / 2).filter((at) => {
        const fits = (at - last) * width > 19;
        if (fits) last = at;
        return fits;
      });
    }

    names(u, splits) {
      const { chromosomes, starts } = this.given;
      const shown = this.shown(u);
      const single = shown.length === 1;
      return splits.map((at) => {
        if (single) return `${chromosomes[shown[0].k]}: ${Number(((at - starts[shown[0].k]) / 1e6).toFixed(3))} Mb`;
        let k = starts.length - 1;
        while (k > 0 && starts[k] > at) k -= 1;
        return chromosomes[k];
      });
    }

    drawLines(u) {
      const { ctx } = u;
      ctx.save();
      this.given.lines.forEach((height, k) => {
        const y = Math.round(u.valToPos(this.drawn(height), "y", true));
        ctx.strokeStyle = k === 0 ? LEAD : "#8c8c8c";
        ctx.lineWidth = devicePixelRatio;
        ctx.setLineDash(k === 0 ? [] : [5 * devicePixelRatio, 4 * devicePixelRatio]);
        ctx.beginPath();
        ctx.moveTo(u.bbox.left, y);
        ctx.lineTo(u.bbox.left + u.bbox.width, y);
        ctx.stroke();
      });
      ctx.restore();
    }

    draw(u) {
      const { ctx } = u;
      const radius = 2 * devicePixelRatio;
      ctx.save();
      ctx.beginPath();
      ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
      ctx.clip();
      [DARK, LIGHT].forEach((colour, parity) => {
        ctx.fillStyle = colour;
        ctx.beginPath();
        const low = u.scales.x.min, high = u.scales.x.max;
        for (let k = this.first(low); k < this.x.length && this.x[k] <= high; k += 1) {
          if (this.chromosome[k] % 2 === parity) this.dot(u, this.x[k], this.y[k], radius);
        }
        ctx.fill();
      });
      ctx.fillStyle = LEAD;
      ctx.beginPath();
      this.leads.forEach((lead) => this.dot(u, lead.x, lead.y, 1.6 * radius));
      ctx.fill();
      ctx.restore();
      return null;
    }

    dot(u, x, y, radius) {
      const across = u.valToPos(x, "x", true), up = u.valToPos(y, "y", true);
      u.ctx.moveTo(across + radius, up);
      u.ctx.arc(across, up, radius, 0, 2 * Math.PI);
    }

    first(x) {
      let low = 0, high = this.x.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.x[middle] < x) low = middle + 1;
        else high = middle;
      }
      return low;
    }

    added(name) {
      const element = document.createElement("div");
      element.className = name;
      element.hidden = true;
      this.plot.over.append(element);
      return element;
    }

    nearest(left, top) {
      const u = this.plot;
      const lead = this.leads.find((one) => Math.hypot(u.valToPos(one.x, "x") - left, u.valToPos(one.y, "y") - top) < 7);
      if (lead) return lead;
      const last = u.posToVal(left + REACH, "x");
      let best = -1, least = REACH;
      for (let k = this.first(u.posToVal(left - REACH, "x")); k < this.x.length && this.x[k] <= last; k += 1) {
        const distance = Math.hypot(u.valToPos(this.x[k], "x") - left, u.valToPos(this.y[k], "y") - top);
        if (distance < least) [best, least] = [k, distance];
      }
      return best < 0 ? null : this.point(best);
    }

    point(k) {
      const at = { chromosome: this.chromosome[k], position: this.position[k] };
      return { ...at, id: this.given.id[k] || "", height: this.height[k], x: this.x[k], y: this.y[k] };
    }

    words(point) {
      const place = `${this.given.chromosomes[point.chromosome]}:${point.position.toLocaleString("en")}`;
      return [...(point.id ? [point.id] : []), place, pValue(point.height)];
    }

    show(point) {
      this.tip.hidden = this.ring.hidden = !point;
      if (!point) return;
      const left = this.plot.valToPos(point.x, "x"), top = this.plot.valToPos(point.y, "y");
      this.ring.style.left = `${left}px`;
      this.ring.style.top = `${top}px`;
      this.tip.replaceChildren(...this.words(point).map((word, k) => Object.assign(document.createElement(k ? "div" : "b"), { textContent: word })));
      const wide = this.tip.offsetWidth, high = this.tip.offsetHeight;
      this.tip.style.left = `${Math.max(0, Math.min(left + 12, this.plot.over.clientWidth - wide))}px`;
      this.tip.style.top = `${top - high - 12 < 0 ? top + 14 : top - high - 12}px`;
      this.readout.textContent = this.words(point).join(" · ") + (point.opens ? " · Enter or click opens it" : "");
    }

    choose(point) {
      const lead = point.opens ? point : this.leadNear(point);
      if (lead && (open(lead.id) || showRow(lead.id))) return;
      this.readout.textContent = `${this.words(point).join(" · ")} · no lead variant is within 500,000 base pairs`;
    }

    leadNear(point) {
      const near = this.leads.filter((lead) => lead.chromosome === point.chromosome && Math.abs(lead.position - point.position) < LOCUS);
      return near.sort((one, other) => other.height - one.height)[0];
    }

    zoomTo(k) {
      const { starts, lengths, limits } = this.given;
      const margin = k === "" ? 0 : lengths[k] * 0.02;
      const [min, max] = k === "" ? limits : [starts[k] - margin, starts[k] + lengths[k] + margin];
      this.show(null);
      this.plot.setScale("x", { min, max });
    }

    walk(by) {
      if (!this.leads.length) return;
      this.lead = (this.lead + by + this.leads.length) % this.leads.length;
      const lead = this.leads[this.lead];
      const { min, max } = this.plot.scales.x;
      if (lead.x < min || lead.x > max) this.zoomTo("");
      this.show(lead);
    }

    listen(zoom) {
      const { over } = this.plot;
      const at = (event) => {
        const box = over.getBoundingClientRect();
        return this.nearest(event.clientX - box.left, event.clientY - box.top);
      };
      let pressed = null;
      over.addEventListener("mousemove", (event) => this.show(at(event)));
      over.addEventListener("mouseleave", () => this.show(null));
      over.addEventListener("mousedown", (event) => { pressed = event.clientX; });
      over.addEventListener("click", (event) => {
        const point = pressed !== null && Math.abs(event.clientX - pressed) > 5 ? null : at(event);
        if (point) { this.show(point); this.choose(point); }
      });
      over.addEventListener("dblclick", () => { zoom.value = ""; this.zoomTo(""); });
      this.place.addEventListener("keydown", (event) => {
        if (event.key === "ArrowRight") this.walk(1);
        else if (event.key === "ArrowLeft") this.walk(-1);
        else if (event.key === "Enter" && this.lead >= 0) this.choose(this.leads[this.lead]);
        else if (event.key === "Escape") { zoom.value = ""; this.zoomTo(""); }
        else return;
        event.preventDefault();
      });
      zoom.addEventListener("change", () => this.zoomTo(zoom.value === "" ? "" : Number(zoom.value)));
      new ResizeObserver(() => this.plot.width !== this.place.clientWidth && this.plot.setSize(this.size())).observe(this.place);
    }
  }

  const given = JSON.parse(document.getElementById("plots").textContent);
  window.gwasmetaPlots = every("[data-plot]").map((place) => {
    const number = place.dataset.plot;
    const readout = document.querySelector(`[data-readout="${number}"]`);
    return new Manhattan(place, given[number], readout, document.querySelector(`[data-zoom="${number}"]`));
  });
})();
