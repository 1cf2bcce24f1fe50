# frozen_string_literal: true

require "jekyll"
require "open3"

# After each build: inject, then verify. Any failure of the program fails the build.
module JekyllChathub
  ALWAYS = "always"
  DEFAULTS = { "config" => nil, "args" => [], "verify" => true, "enabled" => true }.freeze
  PROGRAMS = Gem.win_platform? ? %w(chathub.exe chathub.cmd) : %w(chathub)

  class << self
    def finish(site)
      options = options(site.config["chathub"] || {})
      return unless wanted?(options, site.config["serving"])

      program = program(site.source)
      config = Array(options["config"]).flat_map { |file| ["--config", file] }
      steps = [["inject", *options["args"]]]
      steps << ["verify", *(options["verify"] unless options["verify"] == true)] if options["verify"]
      steps.each { |command, *arguments| run(program, command, [*arguments, *config, "--", site.dest], site.source) }
    end

    private

    def options(given)
      fail_with("`chathub` in the configuration must be a table of #{DEFAULTS.keys.join(", ")}") unless given.is_a?(Hash)
      given.each do |name, value|
        expected = wrong(name, value)
        fail_with("`chathub.#{name}` must be #{expected}, not #{value.inspect}") if expected
      end
      DEFAULTS.merge(given)
    end

    # What the value must be instead, if it is wrong.
    def wrong(name, value)
      case name
      when "config" then "a path or a list of paths" unless value.nil? || value.is_a?(String) || list?(value)
      when "args" then "a list of strings, one for each argument" unless list?(value)
      when "verify"
        "true, false or a list of strings, one for each argument" unless [true, false].include?(value) || list?(value)
      when "enabled" then "true, false or #{ALWAYS}" unless [true, false, ALWAYS].include?(value)
      else fail_with("unknown option `chathub.#{name}`; expected one of #{DEFAULTS.keys.join(", ")}")
      end
    end

    def list?(value)
      value.is_a?(Array) && value.all?(String)
    end

    def wanted?(options, serving)
      options["enabled"] == ALWAYS || (options["enabled"] && !serving)
    end

    # The one that CHATHUB_BINARY names, that of the site's npm packages, or the one on the path.
    def program(source)
      chosen = ENV["CHATHUB_BINARY"].to_s
      unless chosen.empty?
        chosen = File.expand_path(chosen)
        return chosen if runnable?(chosen)

        fail_with("CHATHUB_BINARY names #{chosen}, which is not a file that may be executed: set it to the path of the " \
                  "program, or unset it")
      end
      folders = [source, Dir.pwd].uniq.map { |folder| File.join(folder, "node_modules", ".bin") }
      folders += ENV["PATH"].to_s.split(File::PATH_SEPARATOR)
      candidates = folders.product(PROGRAMS).map { |parts| File.expand_path(File.join(*parts)) }
      candidates.find { |path| runnable?(path) } ||
        fail_with("the program `chathub` is neither in node_modules nor on the PATH: install it with npm, pip or cargo, or set " \
                  "CHATHUB_BINARY to its path")
    end

    def runnable?(path)
      File.file?(path) && File.executable?(path)
    end

    def run(program, command, arguments, folder)
      output, status = Open3.capture2e(program, command, *arguments, :chdir => folder, :stdin_data => "")
      output = output.dup.force_encoding(Encoding::UTF_8).scrub
      if status.success?
        Jekyll.logger.info("Chathub:", command)
        return Jekyll.logger.writer.info(output)
      end

      # Jekyll's own way to log would take the line ends and the spaces out of it.
      Jekyll.logger.writer.error(output)
      how = status.signaled? ? "was ended by SIG#{Signal.signame(status.termsig)}" : "failed with exit code #{status.exitstatus}"
      fail_with("chathub #{command} #{how}")
    rescue SystemCallError => e
      fail_with("chathub #{command} cannot be run: #{e.message}")
    end

    # Jekyll shows the message. Where in this file that was helps nobody.
    def fail_with(message)
      raise Jekyll::Errors::FatalException, message, []
    end
  end

  # After the hooks of others, which minify and compress.
  Jekyll::Hooks.register(:site, :post_write, :priority => -100) { |site| finish(site) }
end
