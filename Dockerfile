FROM python:3.11.14-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000 VITRINE_DATA_DIR=/data
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt
COPY . .
RUN python -m compileall -q gallery generator \
    && useradd --uid 1000 --no-create-home vitrine \
    && install -d -o vitrine -g vitrine /data

USER vitrine
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --start-period=60s CMD ["python", "-m", "gallery.server.healthcheck"]
# Everything in one container; docker-compose.yml runs the parts apart.
CMD ["python", "manage.py", "serve"]
