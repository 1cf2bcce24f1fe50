# frozen_string_literal: true

# `cargo xtask gem` copies this folder, puts Cargo.toml's version and the licences into the copy, and builds the gem there.
Gem::Specification.new do |spec|
  spec.name = "jekyll-chathub"
  spec.version = "0.0.0"
  spec.authors = ["The authors of chathub"]
  spec.summary = "Puts the SMSBAT ChatHub chat widget into the right pages of each build, and fails the build when one is wrong"
  spec.description = "Runs `chathub inject` and `chathub verify` after each build of Jekyll. The program itself comes from another " \
                     "package, or is named by CHATHUB_BINARY."
  spec.licenses = ["MIT", "Apache-2.0"]
  spec.files = ["lib/jekyll-chathub.rb", "README.md", "LICENSE-MIT", "LICENSE-APACHE"]
  spec.required_ruby_version = ">= 2.7"
  spec.add_runtime_dependency "jekyll", ">= 3.8", "< 5.0"
  spec.metadata = { "rubygems_mfa_required" => "true" }
end
